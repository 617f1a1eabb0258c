package shell

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"github.com/godbus/dbus/v5"
	"github.com/rymdport/portal/filechooser" // the desktop's dialog by its portal: Apache-2.0, what the toolkit uses in sandboxes
)

// portalName is who shows the dialogs of the desktop (GNOME, KDE, Xfce …).
const portalName = "org.freedesktop.portal.Desktop"

// systemChooser returns the desktop's own dialog, nil where there is none.
func systemChooser() fileChooser {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		return nil // asking would start a bus
	}
	bus, err := dbus.SessionBus()
	if err != nil {
		return nil
	}
	var names []string
	for _, method := range []string{"org.freedesktop.DBus.ListActivatableNames", "org.freedesktop.DBus.ListNames"} {
		var some []string
		if err := bus.BusObject().Call(method, 0).Store(&some); err == nil {
			names = append(names, some...)
		}
	}
	if !slices.Contains(names, portalName) {
		return nil
	}
	return askPortal
}

// windowHandle names a window as portals want it, "" where it has no name there.
func windowHandle(win fyne.Window) (handle string) {
	native, ok := win.(driver.NativeWindow)
	if !ok {
		return ""
	}
	native.RunNative(func(context any) {
		if x11, ok := context.(driver.X11WindowContext); ok && x11.WindowHandle != 0 {
			handle = fmt.Sprintf("x11:%x", x11.WindowHandle)
		}
	})
	return handle
}

func askPortal(c fileChoice) ([]string, error) {
	o := &filechooser.OpenFileOptions{AcceptLabel: c.act, Directory: c.folders, CurrentFolder: c.folder}
	if c.endings != nil {
		filter := &filechooser.Filter{Name: c.kind}
		for _, ending := range c.endings {
			filter.Rules = append(filter.Rules, filechooser.Rule{Type: filechooser.GlobPattern, Pattern: "*" + anyCase(ending)})
		}
		all := &filechooser.Filter{Name: "All files", Rules: []filechooser.Rule{{Type: filechooser.GlobPattern, Pattern: "*"}}}
		o.Filters, o.CurrentFilter = []*filechooser.Filter{filter, all}, filter
	}
	uris, err := filechooser.OpenFile(c.parent, c.title, o)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, uri := range uris {
		if u, err := url.Parse(uri); err == nil && u.Scheme == "file" {
			paths = append(paths, u.Path)
		}
	}
	return paths, nil
}

// anyCase is an ending as a pattern that takes both cases: .csv and .CSV.
func anyCase(ending string) string {
	var b strings.Builder
	for _, r := range ending {
		lower, upper := strings.ToLower(string(r)), strings.ToUpper(string(r))
		if lower == upper {
			b.WriteRune(r)
			continue
		}
		b.WriteString("[" + lower + upper + "]")
	}
	return b.String()
}
