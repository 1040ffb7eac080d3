"""How well colour or intensity alone tell the classes apart."""
