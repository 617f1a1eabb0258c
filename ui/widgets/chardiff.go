package widgets

// Run is a piece of a value that is either the same on both sides or differs.
type Run struct {
	Text    string
	Differs bool
}

// diffLimit is the longest value, in characters, whose differences are marked.
// Longer texts open in the full-size comparison, which goes line by line.
const diffLimit = 2000

// island is the longest run of equal characters between two differences that
// counts as chance rather than agreement.
const island = 2

// DiffRuns splits two values into runs that are the same and runs that differ,
// by the longest common subsequence of their characters. Differing runs that
// are no more than 2 characters apart are joined, on both sides. When more than
// half of the characters differ, nothing is marked: the values are simply
// different.
func DiffRuns(a, b string) (left, right []Run) {
	ra, rb := []rune(a), []rune(b)
	if len(ra) > diffLimit || len(rb) > diffLimit {
		return whole(a), whole(b)
	}
	sameA, sameB := common(ra, rb)
	if mostlyDifferent(sameA, sameB) {
		return whole(a), whole(b)
	}
	joinIslands(sameA, sameB)
	return runs(ra, sameA), runs(rb, sameB)
}

func whole(s string) []Run {
	if s == "" {
		return nil
	}
	return []Run{{Text: s}}
}

// common marks the characters that belong to one longest common subsequence.
// Equal heads and tails are taken off first, which is most of a typical value.
func common(a, b []rune) (inA, inB []bool) {
	inA, inB = make([]bool, len(a)), make([]bool, len(b))
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		inA[head], inB[head] = true, true
		head++
	}
	endA, endB := len(a), len(b)
	for endA > head && endB > head && a[endA-1] == b[endB-1] {
		endA--
		endB--
		inA[endA], inB[endB] = true, true
	}
	x, y := a[head:endA], b[head:endB]
	// length[i*w+j] is the length of the longest common subsequence of x[i:], y[j:].
	w := len(y) + 1
	length := make([]int16, (len(x)+1)*w)
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				length[i*w+j] = length[(i+1)*w+j+1] + 1
			} else {
				length[i*w+j] = max(length[(i+1)*w+j], length[i*w+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			inA[head+i], inB[head+j] = true, true
			i++
			j++
		case length[(i+1)*w+j] >= length[i*w+j+1]:
			i++
		default:
			j++
		}
	}
	return inA, inB
}

// joinIslands unmarks blocks of equal characters that stand between two
// differences and are at most island long. The n-th equal character of one side
// belongs to the n-th of the other, so a block goes on both sides together. A
// block at the head or the tail of both values stays: there it is agreement.
func joinIslands(sameA, sameB []bool) {
	at := func(same []bool) (positions []int) {
		for i, s := range same {
			if s {
				positions = append(positions, i)
			}
		}
		return positions
	}
	pa, pb := at(sameA), at(sameB)
	for from := 0; from < len(pa); {
		to := from + 1
		for to < len(pa) && pa[to] == pa[to-1]+1 && pb[to] == pb[to-1]+1 {
			to++
		}
		head := pa[from] == 0 && pb[from] == 0
		tail := pa[to-1] == len(sameA)-1 && pb[to-1] == len(sameB)-1
		if to-from <= island && !head && !tail {
			for i := from; i < to; i++ {
				sameA[pa[i]], sameB[pb[i]] = false, false
			}
		}
		from = to
	}
}

func mostlyDifferent(a, b []bool) bool {
	differ := 0
	for _, marks := range [][]bool{a, b} {
		for _, same := range marks {
			if !same {
				differ++
			}
		}
	}
	return 2*differ > len(a)+len(b)
}

func runs(s []rune, same []bool) []Run {
	var out []Run
	for from := 0; from < len(s); {
		to := from + 1
		for to < len(s) && same[to] == same[from] {
			to++
		}
		out = append(out, Run{string(s[from:to]), !same[from]})
		from = to
	}
	return out
}
