package mapper

import (
	"os"
	"testing"

	"fyne.io/fyne/v2"

	"syncline/assets"
	"syncline/ui/look"
	"syncline/ui/widgets/fieldmap"
)

// The pictures are for the eye; they are kept in the folder that
// SYNCLINE_PICTURES names.
func TestPictureOfTheFieldMap(t *testing.T) {
	if os.Getenv("SYNCLINE_PICTURES") == "" {
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
			b := newBench(t, c.mode, true)
			b.W.Win.Resize(fyne.NewSize(c.width, c.height))
			b.W.Rooms.FieldMap(sample, nil)
			p := b.pane("the field map")
			b.Until("all that is known of it", func() bool { return p.facts.Load().Census.Rows > 0 && p.gathered })
			b.knowsX(p)
			p.Model.Select(fieldmap.Ref{Field: "Country", Property: "country"})
			b.Until("the preview", func() bool { return len(p.editor.Inspector.Examples()) > 0 })
			b.Picture(c.name, c.width, c.height)
		})
	}
}
