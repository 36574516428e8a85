package crawl

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

const (
	maxAddress  = 2048 // longer addresses are made by a program, not by a site
	maxRepeated = 3    // times one path segment may stand in an address
)

// Reasons an address is left without asking for it.
var (
	errNotWeb    = errors.New("not a web address")
	errMalformed = errors.New("malformed address")
	errTooLong   = errors.New("address too long")
	errRepeats   = errors.New("address repeats itself")
)

// normalise returns the one spelling under which an address is kept: absolute,
// http or https, host in lower-case ASCII without a default port, no dot
// segments, no fragment, no user. It fails with one of the errors above.
func normalise(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	if len(raw) > maxAddress {
		return "", errTooLong
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", errMalformed
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", errNotWeb
	}
	host, err := idna.Lookup.ToASCII(strings.ToLower(u.Hostname()))
	if err != nil || host == "" {
		return "", errMalformed
	}
	port := u.Port()
	u = new(url.URL).ResolveReference(u) // removes dot segments
	u.Host = host
	if strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	}
	if port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		u.Host += ":" + port
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.User, u.Fragment, u.RawFragment, u.ForceQuery = nil, "", "", false
	u.RawQuery = escapeQuery(u.RawQuery)
	if repeats(u.Path) {
		return "", errRepeats
	}
	return u.String(), nil
}

// escapeQuery escapes the bytes that browsers escape in a query.
func escapeQuery(query string) string {
	var b strings.Builder
	for i := range len(query) {
		c := query[i]
		if c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// repeats tells the paths that a relative link makes when it leads to itself:
// /a/b/a/b/a/b/a/b.
func repeats(path string) bool {
	seen := make(map[string]int)
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" {
			continue
		}
		if seen[segment]++; seen[segment] > maxRepeated {
			return true
		}
	}
	return false
}

// hostOf returns the host of a normalised address, without the port.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// inDomains tells whether host is one of domains, or below one that starts
// with "*.".
func inDomains(host string, domains []string) bool {
	for _, d := range domains {
		if parent, ok := strings.CutPrefix(d, "*"); ok && strings.HasSuffix(host, parent) || host == d {
			return true
		}
	}
	return false
}

// reserved lists what netip's own predicates leave out of the addresses that
// are not the public internet's.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),      // this network, RFC 791
	netip.MustParsePrefix("100.64.0.0/10"),  // shared by carriers, RFC 6598
	netip.MustParsePrefix("192.0.0.0/24"),   // protocol assignments, RFC 6890
	netip.MustParsePrefix("198.18.0.0/15"),  // benchmarks, RFC 2544
	netip.MustParsePrefix("240.0.0.0/4"),    // reserved, RFC 1112
	netip.MustParsePrefix("64:ff9b::/96"),   // translation, hides an IPv4 address, RFC 6052
	netip.MustParsePrefix("64:ff9b:1::/48"), // the same within a network, RFC 8215
	netip.MustParsePrefix("2002::/16"),      // 6to4, hides an IPv4 address, RFC 3056
}

// isPublic tells whether a host and port as a dialer has resolved them stand
// on the public internet.
func isPublic(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return false
	}
	ip := ap.Addr().Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}
