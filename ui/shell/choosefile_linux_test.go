package shell

import "testing"

func TestEndingsAreMetInAnyCase(t *testing.T) {
	for ending, want := range map[string]string{".csv": ".[cC][sS][vV]", ".7z": ".7[zZ]"} {
		if got := anyCase(ending); got != want {
			t.Errorf("%s is %s, want %s", ending, got, want)
		}
	}
	t.Run("without a session there is none", func(t *testing.T) {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
		if systemChooser() != nil {
			t.Error("a bus was started")
		}
	})
}
