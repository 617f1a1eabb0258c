package connections

import (
	"testing"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// bench is the stage with what the tests of this room do on it.
type bench struct{ *shelltest.Bench }

func newBenchIn(t *testing.T, mode look.Mode, env app.Environment) *bench {
	t.Helper()
	return &bench{shelltest.NewIn(t, mode, env)}
}
