using System.Security.Cryptography;
using Blobs.Containerd;
using Blobs.Containerd.Api;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Verification;
using Grpc.Core;

namespace Blobs.Tests.Containerd;

/// <summary>Copies images into a containerd that does what the test says: other versions than the one in the interop tests, and
/// failures.</summary>
public sealed class ContainerdImageTargetTests : IDisposable
{
    private static readonly ImageReference Name = ImageReference.Parse("docker.io/library/test:1");

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public ContainerdImageTargetTests() => Testing.Root.Needed();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Makes_the_stack_of_layers_that_were_unpacked_side_by_side(bool canRebase)
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder, canRebase);
        SampleImage image = Stack();
        await TakeAsync(server, image);
        string top = $"{image.Config.ChainId}";
        string[] trees = [.. server.TreesOf(top)];
        Assert.Equal(3, trees.Length);
        Assert.Equal(3, server.Snapshots.Count);
        Assert.All(server.Snapshots.Values, snapshot => Assert.Equal(Kind.Committed, snapshot.Kind));
        Assert.Equal(canRebase ? 3 : 5, server.Calls.Count(call => call == "Snapshots/Prepare"));

        // A whiteout of the base removes; one above is a device. The directory that the second layer only implies has the base's mode.
        Assert.Equal(["dir 0700", "dir/base 0644"], Seen(trees[2]));
        Assert.Equal(["dir 0700", "dir/second 0644"], Seen(trees[1]));
        Assert.Equal(["dir 0700", "dir/second 0000"], Seen(trees[0]));
        Assert.Empty(server.Leases);
        Assert.Empty(server.Ingests);
    }

    [Fact]
    public async Task Labels_say_what_keeps_what()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = Stack();
        await TakeAsync(server, image);
        string manifest = server.Images[$"{Name}"].Target.Digest;
        Assert.Equal(
            [
                ("containerd.io/gc.ref.content.config", $"{image.Config.Id}"),
                .. image.Config.DiffIds.Select((diffId, index) => ($"containerd.io/gc.ref.content.l.{index}", $"{diffId}")),
            ],
            server.Blobs[manifest].Labels.Select(label => (label.Key, label.Value)).Order());
        Assert.Equal($"{image.Config.ChainId}", server.Blobs[$"{image.Config.Id}"].Labels["containerd.io/gc.ref.snapshot.overlayfs"]);
        Assert.All(
            image.Config.DiffIds, diffId => Assert.Equal($"{diffId}", server.Blobs[$"{diffId}"].Labels["containerd.io/uncompressed"]));
    }

    [Fact]
    public async Task Goes_on_where_a_cut_connection_ended()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        byte[] layer = Archive.Of(Archive.File("large", RandomNumberGenerator.GetBytes(9 << 20)));
        server.PiecesUntilCut = 6;
        var image = SampleImage.From([layer]);
        await TakeAsync(server, image);
        Assert.Equal(layer, server.Blobs[$"{image.Config.DiffIds[0]}"].Bytes);
        Assert.Equal(-1, Math.Max(-1, server.PiecesUntilCut));
        Assert.Equal(4, server.Calls.Count(call => call == "Content/Stat"));
    }

    [Fact]
    public async Task Starts_again_when_what_somebody_had_begun_is_something_else()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = SampleImage.Of("one");
        var wrong = new MemoryStream();
        wrong.Write(new byte[100]);
        server.Ingests[$"layer-{image.Config.DiffIds[0]}"] = wrong;
        await TakeAsync(server, image);
        Assert.Equal(image.Layers[0], server.Blobs[$"{image.Config.DiffIds[0]}"].Bytes);
        Assert.Empty(server.Ingests);
    }

    [Fact]
    public async Task Writes_under_a_name_of_its_own_what_somebody_else_is_writing()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = SampleImage.Of("one");
        server.Locked = $"layer-{image.Config.DiffIds[0]}";
        await TakeAsync(server, image);
        Assert.Equal(image.Layers[0], server.Blobs[$"{image.Config.DiffIds[0]}"].Bytes);
    }

    [Theory]
    [InlineData("Leases/Create", StatusCode.Unavailable, false)]
    [InlineData("Leases/Create", StatusCode.Unavailable, true)]
    [InlineData("Snapshots/Prepare", StatusCode.Unavailable, false)]
    [InlineData("Snapshots/Prepare", StatusCode.Unavailable, true)]
    [InlineData("Snapshots/Commit", StatusCode.Unavailable, true)]
    [InlineData("Content/Stat", StatusCode.Unavailable, false)]
    [InlineData("Content/Commit", StatusCode.Unavailable, false)]
    [InlineData("Content/Commit", StatusCode.Unavailable, true)]
    [InlineData("Content/Commit", StatusCode.AlreadyExists, true)]
    [InlineData("Images/Create", StatusCode.Unavailable, true)]
    public async Task A_call_that_failed_is_repeated(string method, StatusCode code, bool isDone)
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = Stack();
        server.Fail(method, code, isDone);
        await TakeAsync(server, image);
        Assert.Equal(3, server.TreesOf($"{image.Config.ChainId}").Count());
        Assert.Equal(3, server.Snapshots.Count);
        Assert.Equal($"{image.Config.DiffIds[0]}", server.Blobs[$"{image.Config.DiffIds[0]}"].Labels["containerd.io/uncompressed"]);
        Assert.True(server.Images.ContainsKey($"{Name}"));
    }

    [Fact]
    public async Task What_is_there_is_not_written_again()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = Stack();
        Assert.Equal(3, (await TakeAsync(server, image)).NewLayers);
        server.Calls.Clear();
        Assert.Equal(0, (await TakeAsync(server, image)).NewLayers);
        Assert.DoesNotContain("Content/Write", server.Calls);
        Assert.DoesNotContain("Content/Commit", server.Calls);
        Assert.DoesNotContain("Snapshots/Prepare", server.Calls);
    }

    [Fact]
    public async Task A_wrong_layer_gets_neither_a_snapshot_nor_a_name()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = SampleImage.Of("one");
        var wrong = SampleImage.From([SampleImage.Layer("other")]);
        var source = new MemoryImage(image.Config, [new MemoryLayer(image.Layers[0], wrong.Layers[0])]);
        await Assert.ThrowsAsync<DigestMismatchException>(() => TakeAsync(server, source, new ContainerdOptions()));
        Assert.DoesNotContain("Snapshots/Commit", server.Calls);
        Assert.Empty(server.Blobs);
        Assert.Empty(server.Images);
        Assert.Empty(server.Leases);
    }

    [Fact]
    public async Task A_name_with_the_digest_of_another_image_is_refused()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        using ContainerdStore store = ContainerdStore.Open(server.Address, "k8s.io");
        await using var target = new ContainerdImageTarget(store);
        ImageReference other = Name.WithDigest(Digest.OfSha256("x"u8));
        await Assert.ThrowsAsync<DigestMismatchException>(() => target.TakeAsync(Source(SampleImage.Of("one")), [other]));
        Assert.Empty(server.Images);
        await target.TakeAsync(Source(SampleImage.Of("one")), [Name]);
        Assert.Equal(
            [$"{Name}", $"{Name.WithDigest(Digest.Parse(server.Images[$"{Name}"].Target.Digest))}", $"{SampleImage.Of("one").Config.Id}"],
            server.Images.Keys.Order(StringComparer.Ordinal));
        Assert.All(server.Images.Values, image => Assert.Equal("managed", image.Labels["io.cri-containerd.image"]));
    }

    [Fact]
    public async Task Another_snapshotter_unpacks_itself()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = Stack();
        await TakeAsync(server, Source(image), new ContainerdOptions { Snapshotter = "native" });
        Assert.Equal(3, server.Calls.Count(call => call == "Diff/Apply"));
        Assert.Equal(3, server.TreesOf($"{image.Config.ChainId}").Count());
        await Assert.ThrowsAsync<ContainerdException>(() =>
            TakeAsync(server, Source(image), new ContainerdOptions { Snapshotter = "other" }));
    }

    [Fact]
    public async Task The_lease_of_a_dead_process_is_deleted_and_that_of_others_is_not()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        string[] own = ProcessMark.Own.Split(' ');
        AddLease("dead", $"{own[0]} {own[1]} {own[2]} 1");
        AddLease("alive", ProcessMark.Own);
        AddLease("elsewhere", $"{own[0]} pid:[1] {own[2]} 1");
        AddLease("before", $"other-boot {own[1]} {own[2]} {own[3]}");
        AddLease("odd", "x");
        await TakeAsync(server, SampleImage.Of("one"));
        Assert.Equal(["alive", "elsewhere", "odd"], server.Leases.Keys.Order());

        void AddLease(string id, string process) =>
            server.Leases.Add(id, new Blobs.Containerd.Api.Lease { Id = id, Labels = { ["blobs/process"] = process } });
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_on_or_whose_path_is_too_long_is_named_in_the_error()
    {
        string path = Path.Combine(_folder, "dead");
        await File.WriteAllBytesAsync(path, []);
        using var store = ContainerdStore.Open(path);
        ContainerdException refused = await Assert.ThrowsAsync<ContainerdException>(() => store.ListAsync());
        Assert.Equal("Unavailable", refused.Code);
        Assert.Contains($"{path}: ", refused.Message, StringComparison.Ordinal);

        string longer = Path.Combine(_folder, new string('x', 108));
        await File.WriteAllBytesAsync(longer, []);
        Assert.Contains(longer, Assert.Throws<ContainerdException>(() => ContainerdStore.Open(longer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_are_listed_tagged_inspected_and_removed()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = Stack();
        await TakeAsync(server, image);
        using ContainerdStore store = ContainerdStore.Open(server.Address, "default");
        await store.TagAsync("test:1", ImageReference.Parse("other"));
        Assert.Equal(
            ["docker.io/library/other:latest", "docker.io/library/test:1"], (await store.ListAsync()).Select(one => one.Name));
        ContainerdInspection seen = await store.InspectAsync("other");
        Assert.Equal(["docker.io/library/test:1"], seen.OtherNames);
        Assert.True(seen.IsUnpacked);
        Assert.Empty(seen.MissingBlobs);
        string digest = $"{seen.Image.Target.Digest}";
        await Assert.ThrowsAsync<ContainerdException>(() => store.RemoveAsync(digest[7..19]));
        Assert.Null((await store.RemoveAsync("test:1")).Target);
        Assert.Equal(seen.Image.Target.Digest, (await store.RemoveAsync(digest[7..19])).Target);
        await Assert.ThrowsAsync<NotFoundException>(() => store.FindAsync("test:1"));
    }

    [Fact]
    public async Task A_layer_is_read_back_byte_for_byte_from_any_offset()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = Stack();
        await TakeAsync(server, image);
        using ContainerdStore store = ContainerdStore.Open(server.Address, "default");
        ContainerdImageSource source = await store.OpenAsync($"{Name}");
        await using Stream blob = await source.Layers[1].OpenAtAsync(700);
        using var read = new MemoryStream();
        await blob.CopyToAsync(read);
        Assert.Equal(image.Layers[1][700..], read.ToArray());
    }

    [Fact]
    public async Task Verification_finds_a_wrong_layer_and_a_missing_document()
    {
        await using ScriptedContainerd server = await ScriptedContainerd.StartAsync(_folder);
        SampleImage image = Stack();
        await TakeAsync(server, image);
        using ContainerdStore store = ContainerdStore.Open(server.Address, "default");
        VerifyReport right = await ContainerdVerifier.RunAsync(store);
        Assert.Equal((5, 0, 0, 0), (right.Files, right.Findings.Count, right.Failures.Count, right.Unread.Count));
        string layer = $"{image.Config.DiffIds[1]}";
        server.Blobs[layer].Bytes[600] ^= 1;
        server.Blobs.Remove($"{image.Config.DiffIds[2]}");
        VerifyReport wrong = await ContainerdVerifier.RunAsync(store);
        Assert.Equal([layer], wrong.Findings.Select(finding => finding.Path));
        Assert.Equal([$"{image.Config.DiffIds[2]}"], wrong.Unread.Select(unread => unread.Path));
        server.Blobs.Remove($"{image.Config.Id}");
        Assert.Equal([$"{image.Config.Id}"], (await ContainerdVerifier.RunAsync(store)).Findings.Select(finding => finding.Path));
    }

    private static SampleImage Stack() => SampleImage.From(
    [
        Archive.Of(
            (new TarMember { Name = "dir"u8.ToArray(), Type = TarEntryType.Directory, Mode = 0b111_000_000 }, []),
            Archive.File("dir/base", "base"),
            Archive.File("dir/gone", "gone"),
            Archive.File("dir/.wh.gone", "")),
        Archive.Of(Archive.File("dir/second", "second")),
        Archive.Of(Archive.File("dir/.wh.second", "")),
    ]);

    private static MemoryImage Source(SampleImage image) =>
        new(image.Config, [.. image.Layers.Select(layer => new MemoryLayer(layer))]);

    private static Task<TakenImage> TakeAsync(ScriptedContainerd server, SampleImage image) =>
        TakeAsync(server, Source(image), new ContainerdOptions());

    private static async Task<TakenImage> TakeAsync(ScriptedContainerd server, IImageSource image, ContainerdOptions options)
    {
        using ContainerdStore store = ContainerdStore.Open(server.Address, "default", options);
        await using var target = new ContainerdImageTarget(store);
        return await target.TakeAsync(image, [Name]);
    }

    private static string[] Seen(string tree)
    {
        using DirectoryHandle root = DirectoryHandle.Open(tree);
        return [.. TreeLines.Of(root).Select(line => string.Join(' ', line.Split(' ')[0], Mode(Path.Combine(tree, line.Split(' ')[0]))))];
    }

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8).PadLeft(4, '0');

    private sealed class MemoryImage(ImageConfig config, IReadOnlyList<ImageLayer> layers) : IImageSource
    {
        public ImageConfig Config => config;

        public ImageManifest? Manifest => null;

        public IReadOnlyList<ImageLayer> Layers => layers;

        public IReadOnlyList<ImageReference> Names => [];

        public string? Repository => null;

        public Digest? Parent => null;
    }
}
