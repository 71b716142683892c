// No support yet.
