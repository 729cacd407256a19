"""What may leave: one module a product, each suppresses small counts and what they follow from."""
