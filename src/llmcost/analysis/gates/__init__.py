"""What stands guard in CI: expectations, files, snapshots and what moved between them."""
