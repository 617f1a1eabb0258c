package ui

import (
	"testing"

	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// bench is the stage with what the tests of this room do on it.
type bench struct{ *shelltest.Bench }

func newBench(t *testing.T, mode look.Mode, practice bool) *bench {
	t.Helper()
	return &bench{shelltest.New(t, mode, practice)}
}

func withSample(t *testing.T, mode look.Mode) *bench {
	t.Helper()
	return &bench{shelltest.WithSample(t, mode)}
}
