"""Getting electricity (获得电力): from county ledgers to the printed report."""
