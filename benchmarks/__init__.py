"""Every number the README states, as a command: `make bench`. Always ratios within one run, medians of interleaved rounds."""
