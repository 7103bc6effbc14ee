"""Where on the earth: grids of equal cells, datums, map references of now and of the period, theatres."""
