using System.Formats.Tar;
using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Indexes made and changed, annotations, and artifacts attached, at every place that keeps manifests.</summary>
[SupportedOSPlatform("linux")]
public sealed class ManifestEditTests : IDisposable
{
    private const string Repository = "registry.example/app";

    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly MemoryRegistry _registry = new();
    private readonly RegistryClient _client;
    private readonly IndexedLayout _layout;

    public ManifestEditTests()
    {
        _client = _registry.Client();
        _layout = new IndexedLayout(_folder["layout"]);
    }

    public static TheoryData<string> Places => ["docker", "oci", "oci-archive"];

    private ImagePlace Source => ImagePlace.Parse($"oci:{_folder["layout"]}:1");

    private CopyOptions Options => new() { Client = _client };

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task An_index_is_made_of_images_and_changed_in_its_place(string transport)
    {
        ImagePlace first = await PutImageAsync(0), second = await PutImageAsync(2);
        ImagePlace place = At(transport, "made");
        CopyResult made = await IndexEditor.CreateAsync(place, [first, second], options: Options);
        ImageIndex index = await ReadAsync(place);
        Assert.Equal(made.Digest, index.Digest);
        Assert.Equal(["linux/amd64", "linux/arm/v7"], Shown(index));

        await IndexEditor.AddAsync(place, [await PutImageAsync(1)], Options);
        Assert.Equal(["linux/amd64", "linux/arm/v7", "linux/arm64"], Shown(await ReadAsync(place)));
        await IndexEditor.RemoveAsync(place, [_layout.Images[2].Platform!], Options);
        Assert.Equal(["linux/amd64", "linux/arm64"], Shown(await ReadAsync(place)));

        // All that it names is there.
        CopyResult copied = await ImageCopier.CopyAsync(place, At("docker", "other"), Options);
        Assert.Equal(3, copied.Manifests);
        NotFoundException fault = await Assert.ThrowsAsync<NotFoundException>(
            () => IndexEditor.RemoveAsync(place, [_layout.Images[2].Platform!], Options));
        Assert.EndsWith(": there is no image for linux/arm/v7, only for linux/amd64, linux/arm64", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task The_members_of_an_index_are_added_with_their_attestations(string transport)
    {
        ImagePlace place = At(transport, "made");
        var annotations = new Dictionary<string, string> { ["a"] = "b" };
        await IndexEditor.CreateAsync(place, [Source, await PutImageAsync(0)], annotations, Options);
        ImageIndex index = await ReadAsync(place);
        Assert.Equal(_layout.Index.Manifests.Select(one => one.Digest).Order(), index.Manifests.Select(one => one.Digest).Order());
        Assert.Equal(annotations, index.Annotations);
        await IndexEditor.RemoveAsync(place, [_layout.Images[1].Platform!], Options);
        Assert.Equal(4, (await ReadAsync(place)).Manifests.Count);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Annotations_are_changed_in_place_and_elsewhere(string transport)
    {
        ImagePlace place = At(transport, "place");
        await ImageCopier.CopyAsync(Source, place, Options);
        CopyResult first = await ManifestEditor.AnnotateAsync(
            place, null, new Dictionary<string, string?> { ["a"] = "1", ["b"] = "2" }, Options);
        Assert.Equal(first.Digest, (await ReadAsync(place)).Digest);
        ImagePlace other = At(transport, "other");
        await ManifestEditor.AnnotateAsync(place, other, new Dictionary<string, string?> { ["a"] = null, ["c"] = "3" }, Options);
        Assert.Equal(["a=1", "b=2"], Annotations(await ReadAsync(place)));
        ImageIndex changed = await ReadAsync(other);
        Assert.Equal(["b=2", "c=3"], Annotations(changed));
        Assert.Equal(_layout.Index.Manifests.Select(one => one.Digest), changed.Manifests.Select(one => one.Digest));
    }

    [Fact]
    public async Task What_is_in_the_format_of_Docker_has_no_annotations()
    {
        _layout.Add(ManifestWriter.Index(MediaTypes.DockerList, []), "docker");
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(() => ManifestEditor.AnnotateAsync(
            Source with { Name = "docker" }, null, new Dictionary<string, string?> { ["a"] = "b" }, Options));
        Assert.Contains("is in Docker's format, which has no annotations", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task An_attached_file_is_a_referrer(string transport)
    {
        ImagePlace place = At(transport, "place");
        await ImageCopier.CopyAsync(Source, place, Options);
        OciArtifact artifact = new OciArtifact("application/spdx+json")
            .Add(await ArtifactFile.FromFileAsync(_folder.Write("app.json", "{}\n"), "application/spdx+json"));
        CopyResult toIndex = await ManifestEditor.AttachAsync(artifact, place, Options);
        CopyResult toImage =
            await ManifestEditor.AttachAsync(artifact, place, Options with { Platform = _layout.Images[1].Platform });
        CopyResult again = await ManifestEditor.AttachAsync(artifact, place, Options);
        Assert.Equal((toIndex.Digest, 0), (again.Digest, again.NewManifests));

        await ImageCopier.CopyAsync(place, ImagePlace.Parse($"oci:{_folder["all"]}:1"), Options with { WithReferrers = true });
        IReadOnlySet<string> all = IndexedLayout.DigestsIn(_folder["all"]);
        Assert.Contains($"{toIndex.Digest}", all);
        Assert.Contains($"{toImage.Digest}", all);
        var manifest = (ImageManifest)Manifest.Parse(await File.ReadAllBytesAsync(_folder[$"all/blobs/sha256/{toImage.Digest.Hex}"]));
        Assert.Equal(_layout.Images[1].Digest, manifest.Subject!.Digest);
        Assert.Equal("app.json", manifest.Layers[0].Annotations!["org.opencontainers.image.title"]);
    }

    [Fact]
    public async Task An_archive_keeps_everything_else_that_it_holds()
    {
        // Two images and a manifest.json, as docker save writes them.
        string archive = _folder["archive.tar"];
        _layout.Add(ManifestWriter.Index(MediaTypes.OciIndex, [_layout.Images[1]]), "other");
        _folder.Write("layout/manifest.json", "[]");
        await TarFile.CreateFromDirectoryAsync(_folder["layout"], archive, includeBaseDirectory: false);
        await ManifestEditor.AnnotateAsync(
            ImagePlace.Parse($"oci-archive:{archive}:other"), null, new Dictionary<string, string?> { ["a"] = "b" }, Options);
        Directory.CreateDirectory(_folder["unpacked"]);
        await TarFile.ExtractToDirectoryAsync(archive, _folder["unpacked"], overwriteFiles: false);
        Assert.Equal("[]", await File.ReadAllTextAsync(_folder["unpacked/manifest.json"]));
        Assert.Superset(_layout.Digests.ToHashSet(), IndexedLayout.DigestsIn(_folder["unpacked"]).ToHashSet());
        Assert.Equal(_layout.Index.Digest, (await ReadAsync(ImagePlace.Parse($"oci-archive:{archive}:1"))).Digest);
        Assert.Equal(["a=b"], Annotations(await ReadAsync(ImagePlace.Parse($"oci-archive:{archive}:other"))));
    }

    [Fact]
    public async Task An_entry_without_a_name_is_replaced_when_it_changes()
    {
        var layout = new IndexedLayout(_folder["nameless"], refName: null);
        ImagePlace place = ImagePlace.Parse($"oci:{_folder["nameless"]}");
        await IndexEditor.RemoveAsync(place, [layout.Images[0].Platform!], Options);
        Assert.Equal(4, (await ReadAsync(place)).Manifests.Count);
    }

    [Fact]
    public async Task Only_an_index_is_changed_as_one()
    {
        ImagePlace image = await PutImageAsync(0);
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => IndexEditor.AddAsync(image, [Source], Options));
        Assert.EndsWith(": is not an index; make one with index create", fault.Message, StringComparison.Ordinal);
        fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => IndexEditor.CreateAsync(ImagePlace.Parse("docker-archive:x"), [Source], options: Options));
        Assert.Equal("docker-archive:x: holds images only; manifests need a registry or an OCI layout", fault.Message);
    }

    private async Task<ImagePlace> PutImageAsync(int number)
    {
        ImagePlace place = ImagePlace.Parse($"docker://images.example/app:{number}");
        await ImageCopier.CopyAsync(Source, place, Options with { Platform = _layout.Images[number].Platform });
        return place;
    }

    private async Task<ImageIndex> ReadAsync(ImagePlace place)
    {
        string folder = _folder[Path.GetRandomFileName()];
        CopyResult copied = await ImageCopier.CopyAsync(place, ImagePlace.Parse($"oci:{folder}:x"), Options);
        return (ImageIndex)Manifest.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "blobs/sha256", copied.Digest.Hex)));
    }

    private ImagePlace At(string transport, string name) =>
        ImagePlace.Parse(transport == "docker" ? $"docker://{Repository}:{name}" : $"{transport}:{_folder[name]}:{name}");

    private static IEnumerable<string> Shown(ImageIndex index) => index.Manifests.Select(manifest => $"{manifest.Platform}");

    private static IEnumerable<string> Annotations(ImageIndex index) =>
        index.Annotations.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal);
}
