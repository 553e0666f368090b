"""Pure rules of KT1 custody; knows no database, no web framework and no clock."""
