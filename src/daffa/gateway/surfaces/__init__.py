"""What clients speak, one file a protocol: pure translation between their bytes and ours."""
