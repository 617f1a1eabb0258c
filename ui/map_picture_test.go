package ui

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"syncline/assets"
	"syncline/ui/look"
	"syncline/ui/widgets/fieldmap"
)

// The pictures are for the eye; they are kept in the folder that
// SYNCLINE_PICTURES names.
func TestPictureOfTheFieldMap(t *testing.T) {
	dir := os.Getenv("SYNCLINE_PICTURES")
	if dir == "" {
		t.Skip("SYNCLINE_PICTURES is not set")
	}
	for _, c := range []struct {
		name          string
		width, height float32
		mode          look.Mode
	}{{"map", 1280, 800, look.Light}, {"map-dark", 1280, 800, look.DarkMode}, {"map-1024", 1024, 640, look.Light}, {"map-1024-dark", 1024, 640, look.DarkMode}} {
		t.Run(c.name, func(t *testing.T) {
			_, sample, err := assets.WriteSample(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			f := openMapAt(t, sample, c.width, c.height, c.mode)
			f.screen.pane.model.Select(fieldmap.Ref{Field: "Country", Property: "country"})
			f.until(t, "the preview", func() bool { return len(f.screen.pane.editor.Inspector.Examples()) > 0 })
			file, err := os.Create(filepath.Join(dir, c.name+".png"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if err := png.Encode(file, f.w.win.Canvas().Capture()); err != nil {
				t.Fatal(err)
			}
		})
	}
}
