"""Lists of consignments from spreadsheets: read, checked row by row, then registered in one transaction."""
