package duplicates_test

import (
	"testing"

	"syncline/ui"
	"syncline/ui/shell/shelltest"
)

func TestMain(m *testing.M) { shelltest.Main(m, ui.Furnish) }
