package parser

import (
	"slices"
	"strings"
)

// otherNorms says how to write what other languages mean by a word in quotes as an argument: 'fro', "nuc".
const otherNorms = "arguments in quotes are not read: norm(X) is the Frobenius norm, norm1(x), nuclear(X) and spectral(X) are others"

// otherArguments says how to write what other languages mean by a function with more arguments.
var otherArguments = map[string]string{
	"norm": "the sum of absolute values is norm1(x), the largest singular value spectral(X)",
	"sum":  "the sums of the columns are ones(m)'*X, those of the rows X*ones(n), for an m×n X",
}

// elsewhere says how to write functions that other languages have.
var elsewhere = func() map[string]string {
	const (
		mean    = "the mean of a vector is sum(x)/rows(x), that of a matrix sum(X)/(rows(X)*cols(X))"
		largest = "matdiff has no largest entry: relu(x) is max(x, 0) entry by entry, logsumexp(x) a smooth maximum, lambda_max(S) the largest eigenvalue"
		moment  = "with c = x - sum(x)/rows(x), the variance of a vector is c'*c/rows(x)"
		least   = "matdiff has no least entry: -relu(-x) is min(x, 0) entry by entry, -logsumexp(-x) a smooth minimum, -lambda_max(-S) the least eigenvalue"
	)
	return map[string]string{
		"mean": mean, "average": mean, "max": largest, "maximum": largest, "min": least, "minimum": least,
		"var": moment, "variance": moment, "std": moment,
		"cov":   "with C = X - ones(m)*ones(m)'*X/m, the covariance of the columns of an m×n X is C'*C/(m - 1)",
		"log10": "write log(x)/log(10)", "log2": "write log(x)/log(2)", "log1p": "write log(1 + x)", "expm1": "write exp(x) - 1",
		"sec": "write 1 ./ cos(x)", "csc": "write 1 ./ sin(x)", "cot": "write 1 ./ tan(x)",
		"cbrt": "write x.^(1/3)", "square": "write x.^2, or X^2 for X*X",
	}
}()

// Nearest returns the known word that name is most likely a misspelling of, or "": of those that need the fewest changes, at most
// one in three letters, the first in the alphabet.
func Nearest(name string, known []string) string {
	best, least := "", (len([]rune(name))+1)/3
	for _, k := range slices.Sorted(slices.Values(known)) {
		if strings.EqualFold(name, k) {
			return k
		}
		if d := distance(name, k); d <= least && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour to get from a to b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 40 || len(t) > 40 {
		return 40
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i, x := range s {
		for j, y := range t {
			replace := rows[i][j]
			if x != y {
				replace++
			}
			rows[i+1][j+1] = min(replace, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && x == t[j-1] && y == s[i-1] {
				rows[i+1][j+1] = min(rows[i+1][j+1], rows[i-1][j-1]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}
