"""The supply side: from an architecture, an accelerator and a latency target to tokens per GPU-second."""
