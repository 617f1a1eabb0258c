package auth

import (
	"errors"
	"syscall"
)

// busy reports what Windows says of a port that another program has.
func busy(err error) bool {
	const inUse, denied = syscall.Errno(10048), syscall.Errno(10013)
	return errors.Is(err, inUse) || errors.Is(err, denied)
}
