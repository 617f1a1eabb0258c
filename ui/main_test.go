package ui

import (
	"testing"

	"syncline/ui/shell/shelltest"
)

func TestMain(m *testing.M) { shelltest.Main(m, Furnish) }
