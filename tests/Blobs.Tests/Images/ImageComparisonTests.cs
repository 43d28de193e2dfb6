using Blobs.Images;
using Blobs.Tar;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Images;

public sealed class ImageComparisonTests
{
    [Fact]
    public async Task Every_kind_of_change_is_found_and_a_shared_layer_is_read_once()
    {
        MemoryLayer shared = Layer(
            Archive.File("same", "1"), Archive.File("content", "1"), Archive.File("mode", "1"), Archive.File("type", "1"),
            Archive.Link(TarEntryType.SymbolicLink, "target", "a"), Archive.File("gone/a", "1"), Archive.File("gone/b", "1"));
        MemoryLayer[] after =
        [
            shared,
            Layer(
                Archive.File("same", "1"), Archive.File("content", "2"), Mode("mode", 0b111_000_000, 7), Archive.Directory("type/"),
                Archive.File("type/x", "1"), Archive.Link(TarEntryType.SymbolicLink, "target", "b"), Archive.File(".wh.gone", ""),
                Archive.File("new/d/f", "1")),
        ];
        string[] changes = [.. (await ImageComparison.CompareAsync(new ImageFileSystem([shared]), new ImageFileSystem(after))).Select(Shown)];
        Assert.Equal(
            [
                "C /content Content", "D /gone", "C /mode Mode, Owner", "A /new", "A /new/d", "A /new/d/f", "C /target Target",
                "C /type Type", "A /type/x",
            ],
            changes);
        Assert.Equal(1, shared.OpenCount);
    }

    [Fact]
    public async Task Equal_layers_are_not_read()
    {
        MemoryLayer layer = Layer(Archive.File("a", "1"));
        Assert.Empty(await ImageComparison.CompareAsync(new ImageFileSystem([layer]), new ImageFileSystem([layer])));
        Assert.Equal(0, layer.OpenCount);
    }

    [Fact]
    public async Task The_same_files_in_other_layers_are_no_change()
    {
        MemoryLayer[] one = [Layer(Archive.File("a", "1"), Archive.File("b", "2"))];
        MemoryLayer[] two = [Layer(Archive.File("a", "0")), Layer(Archive.File("b", "2")), Layer(Archive.File("a", "1"))];
        Assert.Empty(await ImageComparison.CompareAsync(new ImageFileSystem(one), new ImageFileSystem(two)));
    }

    [Fact]
    public async Task What_nobody_sees_is_counted()
    {
        MemoryLayer[] layers =
        [
            Layer(Archive.File("repeated", "12345"), Archive.File("replaced", "1234"), Archive.File("d/removed", "123"), Archive.File("kept", "12")),
            Layer(Archive.File("repeated", "12345"), Archive.File("replaced", "9"), Archive.File(".wh.d", "")),
        ];
        ImageUsage usage = await new ImageFileSystem(layers).ReadUsageAsync();
        Assert.Equal([(4, 14L, 12L, 5L), (2, 6L, 0L, 0L)], usage.Layers.Select(layer =>
            (layer.FileCount, layer.FileBytes, layer.HiddenBytes, layer.RepeatedBytes)));
        Assert.Equal(
            [("/repeated", true, true), ("/replaced", true, false), ("/d/removed", false, false)],
            usage.Hidden.Select(file => (System.Text.Encoding.UTF8.GetString(file.Path), file.IsReplaced, file.IsRepeated)));
        Assert.NotNull(usage.Root.Find("/kept"));
        Assert.Null(usage.Root.Find("/d"));
    }

    private static MemoryLayer Layer(params (TarMember Member, byte[] Payload)[] members) => new(Archive.Of(members));

    private static (TarMember Member, byte[] Payload) Mode(string name, long mode, long owner)
    {
        (TarMember member, byte[] payload) = Archive.File(name, "1");
        return (member with { Mode = mode, Uid = owner }, payload);
    }

    private static string Shown(FileChange change) =>
        change.Before is null ? $"A {change.After}" : change.After is null ? $"D {change.Before}" : $"C {change.After} {change.Differences}";
}
