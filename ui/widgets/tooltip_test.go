package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func TestHoverTextGoesWithTheReasonAndWithTheButton(t *testing.T) {
	test.NewTempApp(t)
	b := NewButton(Primary, "", "Continue", nil)
	b.SetReason("Reading the file")
	content, layer := WithLayer(container.NewCenter(b))
	win := test.NewTempWindow(t, content)
	win.Resize(fyne.NewSize(400, 300))
	b.MouseIn(nil)
	b.tip.show()
	if layer.tip == nil || !layer.tip.Visible() {
		t.Fatal("the reason does not show")
	}
	b.SetReason("")
	if layer.tip != nil && layer.tip.Visible() {
		t.Error("the reason still shows after it is gone")
	}
	b.SetReason("Saving")
	content.Objects[0] = container.NewStack()
	content.Refresh()
	b.tip.show()
	if layer.tip != nil && layer.tip.Visible() {
		t.Error("the text shows although its button left the window")
	}
}
