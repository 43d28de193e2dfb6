using System.Text.RegularExpressions;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests;

/// <summary>Holds the table of rooms in src/README.md: a room uses only the rooms it names, and names only rooms that stand before it.</summary>
public sealed partial class LayeringTests
{
    // That table is the rule: "| room | what lives there | uses |".
    private static readonly Dictionary<string, string[]> MayUse = File.ReadAllLines(Path.Combine(Repository.Root, "src/README.md"))
        .SkipWhile(line => !line.StartsWith("| room |", StringComparison.Ordinal))
        .Skip(2)
        .TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(cells => cells[1], cells => cells[3].Split(", ", StringSplitOptions.RemoveEmptyEntries));

    public static TheoryData<string> Rooms =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src/Blobs")).Select(path => Path.GetFileName(path)!)
            .Where(name => name is not "bin" and not "obj")];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_rooms_below(string room)
    {
        Assert.True(MayUse.TryGetValue(room, out string[]? allowed), $"{room} is not in the table of src/README.md");
        IEnumerable<string> upward = Repository.Sources($"src/Blobs/{room}")
            .SelectMany(source => RoomName().Matches(source.Text)
                .Select(match => match.Groups[1].Value)
                .Where(used => used != room && MayUse.ContainsKey(used) && !allowed.Contains(used))
                .Select(used => $"{source.Path} uses {used}"));
        Assert.Empty(upward);
    }

    [Fact]
    public void The_registry_is_a_room_of_its_own() => Assert.Empty(Repository.Sources("src/Blobs.Registry")
        .SelectMany(source => RoomName().Matches(source.Text)
            .Select(match => match.Groups[1].Value)
            .Where(used => used != "Registry" && MayUse.ContainsKey(used) && !MayUse["Registry"].Contains(used))
            .Select(used => $"{source.Path} uses {used}")));

    [Fact]
    public void Dependencies_point_one_way()
    {
        string[] order = [.. MayUse.Keys];
        Assert.NotEmpty(order);
        Assert.All(order, room => Assert.All(
            MayUse[room], used => Assert.True(Array.IndexOf(order, used) < Array.IndexOf(order, room), $"{room} uses {used}")));
    }

    [Fact]
    public void Only_the_room_of_files_calls_the_kernel() =>
        Assert.Empty(Repository.Sources("src").Where(source =>
            !source.Path.StartsWith("src/Blobs/Files/", StringComparison.Ordinal)
            && (source.Text.Contains("LibraryImport", StringComparison.Ordinal) || source.Text.Contains("DllImport", StringComparison.Ordinal)))
            .Select(source => source.Path));

    // What somebody else hands in as an image, a layer, an upload or a stream says everything that Transfer may know of it.
    [Fact]
    public void Transfer_never_asks_an_image_a_layer_an_upload_or_a_stream_what_it_really_is()
    {
        Type[] handed = [typeof(IImageSource), typeof(ImageLayer), typeof(IBlobUpload), typeof(Stream)];
        IEnumerable<string> asked = typeof(IImageSource).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(IImageSource).Namespace)
            .SelectMany(AskedTypes.In)
            .Where(question => IsOurs(question.Asked) && Array.Exists(handed, type => type.IsAssignableFrom(question.Asked)))
            .Select(question => $"{question.Method.DeclaringType}.{question.Method.Name} asks for {question.Asked.Name}");
        Assert.Empty(asked);

        static bool IsOurs(Type type) => type.Namespace?.StartsWith($"{nameof(Blobs)}.", StringComparison.Ordinal) ?? false;
    }

    [Fact]
    public void One_file_renames_files_and_one_directories() => Assert.Equal(
        ["src/Blobs/Files/AtomicDirectory.cs", "src/Blobs/Files/AtomicFile.cs", "src/Blobs/Files/Syscalls.cs"],
        Repository.Sources("src").Where(source => Renaming().IsMatch(source.Text)).Select(source => source.Path)
            .Order(StringComparer.Ordinal));

    [GeneratedRegex(@"RenameAt2\(|\bFile\.(Move|Replace)\(|\bDirectory\.Move\(|\.MoveTo\(")]
    private static partial Regex Renaming();

    [GeneratedRegex(@"\bBlobs\.([A-Z]\w+)")]
    private static partial Regex RoomName();
}
