package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

func splitOf(t *testing.T, leading bool, width float32) (*Split, *canvas.Rectangle, *canvas.Rectangle) {
	t.Helper()
	test.NewTempApp(t)
	pane, rest := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	s := NewSplit(rest, pane, width)
	if leading {
		s = NewLeadingSplit(pane, rest, width)
	}
	test.NewTempWindow(t, s).Resize(fyne.NewSize(1000, 400))
	return s, pane, rest
}

func TestPaneKeepsItsWidthAndTheRestTakesWhatIsLeft(t *testing.T) {
	for name, leading := range map[string]bool{"at the right": false, "at the left": true} {
		t.Run(name, func(t *testing.T) {
			s, pane, rest := splitOf(t, leading, 300)
			if pane.Size().Width != 300 || rest.Size().Width != s.Size().Width-300 {
				t.Errorf("pane %v, rest %v of %v", pane.Size(), rest.Size(), s.Size())
			}
			if at := pane.Position().X; (at == 0) != leading {
				t.Errorf("the pane stands at %v", at)
			}
		})
	}
}

func TestPaneGivesWayWhereTheRestWouldGetTooLittle(t *testing.T) {
	s, pane, rest := splitOf(t, false, 900)
	if rest.Size().Width != s.Rest || pane.Size().Width != s.Size().Width-s.Rest {
		t.Errorf("pane %v, rest %v", pane.Size(), rest.Size())
	}
}

func TestLineIsDraggedAndMovedByKeys(t *testing.T) {
	s, pane, _ := splitOf(t, false, 300)
	var kept float32
	s.OnResized = func(w float32) { kept = w }
	s.grip.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(-50, 0)})
	if pane.Size().Width != 350 || kept != 350 {
		t.Errorf("after the drag the pane is %v wide, %v was told", pane.Size().Width, kept)
	}
	s.grip.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if pane.Size().Width != 334 {
		t.Errorf("after the key the pane is %v wide", pane.Size().Width)
	}
	for range 100 {
		s.grip.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	}
	if pane.Size().Width != s.Least {
		t.Errorf("the pane shrank to %v", pane.Size().Width)
	}
}
