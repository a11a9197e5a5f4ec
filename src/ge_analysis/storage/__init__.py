"""Files written whole or not at all; paths, stamps, results and fonts."""
