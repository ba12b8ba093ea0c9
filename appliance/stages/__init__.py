"""The stations of a recording's road, one file each: work() is slow and repeatable, save() is fast."""
