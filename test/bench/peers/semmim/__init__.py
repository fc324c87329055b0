"""SemMIM's training step in PyTorch, written apart from the TypeScript one: the maker of golden files and the peer of the benchmark."""
