package mapping

import "testing"

// What is known of an address without a regular expression is what the
// expression says, for every text of a few telling characters.
func TestTheQuickLookAtAnAddressSaysWhatTheExpressionSays(t *testing.T) {
	t.Parallel()
	const letters = "aZ1-._@ ü"
	signs := []rune(letters)
	for length := range 6 {
		at := make([]int, length)
		for {
			text := make([]rune, length)
			for i, n := range at {
				text[i] = signs[n]
			}
			s := string(text)
			if want, got := emailLocal.MatchString(s), isLocalPart(s); got != want {
				t.Fatalf("before the @ %q: %v, the expression says %v", s, got, want)
			}
			if want, got := emailHost.MatchString(s), isHost(s); got != want {
				t.Fatalf("after the @ %q: %v, the expression says %v", s, got, want)
			}
			i := 0
			for ; i < length; i++ {
				if at[i]++; at[i] < len(signs) {
					break
				}
				at[i] = 0
			}
			if i == length {
				break
			}
		}
	}
}
