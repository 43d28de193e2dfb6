using Blobs.Interop.Inputs;

namespace Blobs.Interop;

/// <summary>A root whose images containerd keeps: every verb says so in one line, and nothing is written. A daemon that found one layer of
/// ours in it would show none of its own images any more.</summary>
public sealed class ContainerdRootSpecs
{
    // What works on a data root; FILE, OUT and ROOT are put in.
    private static readonly string[] Writers =
    [
        "ingest FILE", "load FILE", "rmi a:1", "add --from a:1 --tag b:1 FILE:/", "commit web", "rm web", "mount web",
        "unmount web", "tag a:1 b:1", "layer prune", "layer prune --dry-run", "pull 127.0.0.1:9/a:1",
    ];

    private static readonly string[] Readers =
    [
        "images", "images --json", "inspect a:1", "ps", "history a:1", "layers", "layer export sha256:11 -o OUT", "layer diff web -o OUT",
        "save a:1 -o OUT", "push 127.0.0.1:9/a:1",
    ];

    public static TheoryData<string> Verbs =>
    [
        .. Writers.Concat(Readers).Append("verify").Select(verb => $"{verb} --root ROOT"),
        .. Readers.Select(verb => $"{verb} --root ROOT --driver overlay2"),
        "create --root ROOT a:1",
        "copy docker-data:ROOT//a:1 oci:OUT",
        "copy docker-archive:ARCHIVE docker-data:ROOT//a:1",
    ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_verb_refuses_it_in_one_line_and_leaves_it_alone(string verb)
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary.Folder("root");
        await File.WriteAllTextAsync(Path.Combine(root, "engine-id"), "6d0bb2a6-31a2-4a0c-8a0b-2d5ff5cf4b0e");
        Directory.CreateDirectory(Path.Combine(root, "containerd", "daemon"));
        string file = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        DockerArchive.Write(temporary["image.tar"], "a:1", [file]);
        string[] words = [.. verb.Split(' ').Select(word => word
            .Replace("ARCHIVE", temporary["image.tar"], StringComparison.Ordinal)
            .Replace("FILE", file, StringComparison.Ordinal)
            .Replace("OUT", temporary["out"], StringComparison.Ordinal)
            .Replace("ROOT", root, StringComparison.Ordinal))];
        CommandResult result = await BlobsCommand.RunAsync(words);
        string line = result.ExpectRefusal();
        Assert.Contains($"{root}: containerd keeps the images of this root", line, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Equal(["containerd", "engine-id"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_driver_that_is_named_is_written_to()
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary.Folder("root");
        await File.WriteAllTextAsync(Path.Combine(root, "engine-id"), "6d0bb2a6-31a2-4a0c-8a0b-2d5ff5cf4b0e");
        string file = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        await BlobsCommand.IngestAsync(file, root, driver: "overlay2");
        Assert.Equal(1, (await BlobsCommand.With("layers", "--root", root, "--json").SucceedAsync()).Json.GetArrayLength());
    }
}
