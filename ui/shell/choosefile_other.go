//go:build !linux && !windows

package shell

import "fyne.io/fyne/v2"

// systemChooser returns nil: the toolkit's dialog is used.
func systemChooser() fileChooser { return nil }

// windowHandle is not needed here.
func windowHandle(fyne.Window) string { return "" }
