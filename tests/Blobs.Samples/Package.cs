using System.Text;
using System.Text.Json;

namespace Blobs.Samples;

/// <summary>An installed package, and the three files that list packages.</summary>
internal sealed record Package(string Kind, string Name, string Version) : IComparable<Package>
{
    /// <summary>Reads a list; null for a path that is none.</summary>
    public static Func<byte[], Package[]>? ReaderOf(string path) => path switch
    {
        "var/lib/dpkg/status" => content => OfStanzas("deb", content, "Package: ", "Version: ", "Status: install ok installed"),
        _ when path.StartsWith("var/lib/dpkg/status.d/", StringComparison.Ordinal) =>
            content => OfStanzas("deb", content, "Package: ", "Version: ", null),
        "lib/apk/db/installed" or "usr/lib/apk/db/installed" => content => OfStanzas("apk", content, "P:", "V:", null),
        _ when path.EndsWith(".deps.json", StringComparison.Ordinal) => OfDependencies,
        _ => null,
    };

    public int CompareTo(Package? other) => string.CompareOrdinal($"{Kind} {Name} {Version}", $"{other?.Kind} {other?.Name} {other?.Version}");

    private static Package[] OfStanzas(string kind, byte[] content, string name, string version, string? required) =>
    [
        .. Encoding.UTF8.GetString(content).Split("\n\n").Select(stanza => stanza.Split('\n'))
            .Where(lines => required is null || lines.Contains(required))
            .Select(lines => new Package(kind, ValueOf(lines, name), ValueOf(lines, version)))
            .Where(package => package.Name.Length > 0),
    ];

    private static string ValueOf(string[] lines, string key) =>
        Array.Find(lines, line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..] ?? "";

    // {"libraries":{"NAME/VERSION":{"type":"package"}}}
    private static Package[] OfDependencies(byte[] content)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            return
            [
                .. document.RootElement.GetProperty("libraries").EnumerateObject()
                    .Where(library => library.Value.GetProperty("type").GetString() == "package")
                    .Select(library => library.Name.Split('/', 2))
                    .Select(parts => new Package("nuget", parts[0], parts.ElementAtOrDefault(1) ?? "")),
            ];
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Any file may have that name.
            return [];
        }
    }
}
