"""What a notebook uses: its parameters, tables and saving."""
