using System.Text.RegularExpressions;
using Blobs.Tests.Testing;

namespace Blobs.Tests;

/// <summary>Holds the table of rooms: a room uses only rooms on lower floors. README shows the same table.</summary>
public sealed partial class LayeringTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Errors"] = [],
        ["Buffers"] = ["Errors"],
        ["Files"] = ["Errors"],
        ["Hashing"] = ["Errors", "Buffers"],
        ["Tar"] = ["Errors", "Buffers"],
        ["Compression"] = ["Errors", "Buffers", "Hashing"],
        ["TarSplit"] = ["Errors", "Buffers", "Hashing", "Tar"],
        ["Pipeline"] = ["Errors", "Buffers", "Files", "Hashing", "Tar", "Compression", "TarSplit"],
        ["Storage"] = ["Errors", "Buffers", "Files", "Hashing"],
        ["Layers"] = ["Errors", "Buffers", "Files", "Hashing", "Tar", "Compression", "TarSplit", "Pipeline"],
        ["Transfer"] = ["Errors", "Buffers", "Files", "Hashing", "Tar", "Compression", "TarSplit", "Pipeline", "Storage", "Layers"],
    };

    public static TheoryData<string> Rooms =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src/Blobs")).Select(path => Path.GetFileName(path)!)
            .Where(name => name is not "bin" and not "obj")];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_rooms_below(string room)
    {
        Assert.True(MayUse.TryGetValue(room, out string[]? allowed), $"{room} is on no floor: add it to the table here and in README.md");
        IEnumerable<string> upward = Repository.Sources($"src/Blobs/{room}")
            .SelectMany(source => RoomName().Matches(source.Text)
                .Select(match => match.Groups[1].Value)
                .Where(used => used != room && MayUse.ContainsKey(used) && !allowed.Contains(used))
                .Select(used => $"{source.Path} uses {used}"));
        Assert.Empty(upward);
    }

    [Fact]
    public void Only_the_room_of_files_calls_the_kernel() =>
        Assert.Empty(Repository.Sources("src").Where(source =>
            !source.Path.StartsWith("src/Blobs/Files/", StringComparison.Ordinal)
            && (source.Text.Contains("LibraryImport", StringComparison.Ordinal) || source.Text.Contains("DllImport", StringComparison.Ordinal)))
            .Select(source => source.Path));

    [GeneratedRegex(@"\bBlobs\.([A-Z]\w+)")]
    private static partial Regex RoomName();
}
