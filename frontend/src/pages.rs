//! Whole pages, free of script.
