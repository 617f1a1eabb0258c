package plainfile

// Windows has no named pipes in its folders.
const nonblock = 0
