package widgets

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
)

// inWindow shows a part with a layer; what timers post waits in the queue it
// returns until the test drains it.
func inWindow(t *testing.T, o fyne.CanvasObject) (layer *Layer, drain func()) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	posted := make(chan func(), 16)
	old := tipDo
	tipDo = func(f func()) { posted <- f }
	t.Cleanup(func() { tipDo = old })
	content, layer := WithLayer(o)
	win := test.NewTempWindow(t, content)
	win.Resize(fyne.NewSize(600, 300))
	return layer, func() {
		synctest.Wait()
		for len(posted) > 0 {
			(<-posted)()
		}
	}
}

func TestHoverTextComesAfterTheRest(t *testing.T) {
	b := NewButton(Primary, "", "Apply", nil)
	var layer *Layer
	synctest.Test(t, func(t *testing.T) {
		var drain func()
		layer, drain = inWindow(t, b)
		b.SetReason("Type 1260 first")
		b.MouseIn(&desktop.MouseEvent{})
		time.Sleep(TipDelay - time.Millisecond) // virtual
		drain()
		if layer.tip != nil {
			t.Fatal("the text comes too early")
		}
		time.Sleep(2 * time.Millisecond)
		drain()
		if layer.tip == nil || layer.tip.text != "Type 1260 first" {
			t.Fatal("the text does not come")
		}
		b.MouseOut()
		if layer.tip != nil {
			t.Error("the text stays when the pointer leaves")
		}
		b.MouseIn(&desktop.MouseEvent{})
		b.MouseOut()
		time.Sleep(2 * TipDelay)
		drain()
		if layer.tip != nil {
			t.Error("the text comes although the pointer has left")
		}
	})
}

func TestToastGoesByItselfAndStaysUnderThePointer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		layer, drain := inWindow(t, NewSeparator())
		undone := 0
		first := NewToast(look.Create, "318 conflicts settled by the rule", "Undo", func() { undone++ })
		layer.ShowToast(first)
		time.Sleep(ToastTime - time.Second)
		drain()
		if layer.toast != first {
			t.Fatal("the toast goes too early")
		}
		first.MouseIn(nil)
		time.Sleep(2 * ToastTime)
		drain()
		if layer.toast != first {
			t.Fatal("the toast goes from under the pointer")
		}
		first.MouseOut()
		time.Sleep(ToastTime + time.Millisecond)
		drain()
		if layer.toast != nil {
			t.Fatal("the toast stays for ever")
		}
		layer.ShowToast(first)
		second := NewToast(look.Create, "Exported", "", nil)
		layer.ShowToast(second)
		if layer.toast != second {
			t.Error("the newer toast does not take the place")
		}
		second.shut()
		layer.ShowToast(first)
		first.action.OnTapped()
		if undone != 1 || layer.toast != nil {
			t.Errorf("undone %d times, toast still there %v", undone, layer.toast != nil)
		}
	})
}

func TestBarWidths(t *testing.T) {
	for name, c := range map[string]struct {
		ns    []int
		total int
		want  []float32
	}{
		"half":                        {[]int{50}, 100, []float32{50}},
		"all":                         {[]int{25, 75}, 100, []float32{25, 75}},
		"a small part is 4 wide":      {[]int{9999, 1}, 10000, []float32{96, 4}},
		"nothing":                     {[]int{0, 0}, 100, []float32{0, 0}},
		"no total":                    {[]int{0}, 0, []float32{0}},
		"more than the total is full": {[]int{200}, 100, []float32{100}},
		"zero parts take no room":     {[]int{10, 0, 90}, 100, []float32{10, 0, 90}},
	} {
		t.Run(name, func(t *testing.T) {
			var parts []Part
			for _, n := range c.ns {
				parts = append(parts, Part{N: n})
			}
			if got := barWidths(parts, c.total, 100); !slices.Equal(got, c.want) {
				t.Errorf("widths %v, want %v", got, c.want)
			}
		})
	}
}

func TestFocusOnlyGoesToPartsThatCanAct(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	on, off := NewButton(Plain, "", "Export", nil), NewButton(Plain, "", "Apply", nil)
	off.Reason = "Nothing to apply"
	last := NewCheck("All", false, nil)
	win := test.NewTempWindow(t, NewColumn(4, on, off, last))
	c := win.Canvas()
	c.FocusNext()
	if c.Focused() != on {
		t.Fatal("Tab does not reach the first button")
	}
	c.FocusNext()
	if c.Focused() != last {
		t.Error("Tab stops at a disabled button")
	}
}
