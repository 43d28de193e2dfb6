using System.Reflection;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Tests.Transfer;
using Blobs.Transfer;

namespace Blobs.Tests.Docker;

/// <summary>Whatever of the public surface writes to a data root takes its lock. Every method of it is in one of the two tables here.</summary>
public sealed class PublicWritersTests
{
    private static readonly Type[] Types =
    [
        typeof(DockerRoot), typeof(LayerStore), typeof(ImageStore), typeof(ImageNames), typeof(NameTable), typeof(DistributionStore),
        typeof(ContainerStore), typeof(DockerImageSource), typeof(KeptImageSource), typeof(DockerImageTarget), typeof(ImageLoader), typeof(ImagePuller), typeof(ImagePusher), typeof(ImageCopier),
    ];

    // These read, or only say where something is.
    private static readonly HashSet<string> Readers =
    [
        "DockerRoot.Open", "DockerRoot.Require", "DockerRoot.Find", "DockerRoot.TryFind", "DockerRoot.List", "DockerRoot.LayersOf", "DockerRoot.HistoryOf",
        "DockerRoot.ListContainers", "DockerRoot.Inspect", "DockerRoot.UnneededLayers", "DockerRoot.FindPrunable", "DockerRoot.MeasureAsync",
        "DockerRoot.BeginReadAsync", "LayerStore.Open", "LayerStore.Layers", "LayerStore.TryGet", "LayerStore.Find",
        "LayerStore.ReadWriteLayers", "LayerStore.TryGetReadWrite", "LayerStore.FindReadWrite", "LayerStore.IsMounted", "LayerStore.References",
        "LayerStore.Unreferenced", "LayerStore.DiffAsync", "LayerStore.DiffTreeAsync", "LayerStore.ExportAsync", "LayerStore.OpenTarAsync",
        "LayerStore.TarLengthOf", "ImageStore.Images", "ImageStore.TryGet", "ImageStore.Search", "ImageStore.ChildrenOf", "ImageNames.Read",
        "NameTable.TryGet", "NameTable.Of", "NameTable.In", "DistributionStore.DiffIdOf", "DistributionStore.SourcesOf",
        "ContainerStore.Containers", "ContainerStore.TryGet", "ContainerStore.Find",
        "DockerImageTarget.OpenUnpackedAsync", "DockerImageTarget.CommitAsync", "DockerImageTarget.DisposeAsync", "KeptImageSource.TryOpen",

        // Into a directory of blobs, which is no part of what a daemon has.
        "KeptImageSource.KeepAsync",

        // Its notes are worth no error: see below.
        "ImagePusher.PushAsync",
    ];

    private static readonly ChainId Nothing = ChainId.Parse($"{Digest.OfSha256("nothing"u8)}");

    private static readonly Dictionary<string, Func<DockerRoot, Task>> Writers = new()
    {
        ["DockerRoot.BeginChangeAsync"] = root => root.BeginChangeAsync(),
        ["DockerRoot.BeginUnpackingAsync"] = root => root.BeginUnpackingAsync(),
        ["DockerRoot.TagAsync"] = root => root.TagAsync(root.Find("sample:1"), ImageReference.Parse("other:1")),
        ["DockerRoot.AddAsync"] = root => root.AddAsync("sample:1", [new AddedPath("/etc/hostname", "/x")]),
        ["DockerRoot.CommitAsync"] = root => root.CommitAsync(SomeContainer(root)),
        ["DockerRoot.CreateContainerAsync"] = root => root.CreateContainerAsync("sample:1"),
        ["DockerRoot.MountContainerAsync"] = root => root.MountContainerAsync(SomeContainer(root)),
        ["DockerRoot.UnmountContainerAsync"] = root => root.UnmountContainerAsync(SomeContainer(root)),
        ["DockerRoot.RemoveContainerAsync"] = root => root.RemoveContainerAsync(SomeContainer(root)),
        ["DockerRoot.RemoveImageAsync"] = root => root.RemoveImageAsync("sample:1"),
        ["DockerRoot.PruneAsync"] = root => root.PruneAsync(),
        ["DockerRoot.PruneLayersAsync"] = root => root.PruneLayersAsync(),
        ["LayerStore.IngestAsync"] = root => root.Layers.IngestAsync(new MemoryStream(SampleImage.Layer("x"))),
        ["LayerStore.CommitAsync"] = root => root.Layers.CommitAsync("name"),
        ["LayerStore.CreateReadWriteAsync"] = root => root.Layers.CreateReadWriteAsync("name", parent: null),
        ["LayerStore.RemoveReadWriteAsync"] = root => root.Layers.RemoveReadWriteAsync("name"),
        ["LayerStore.MountAsync"] = root => root.Layers.MountAsync("name"),
        ["LayerStore.UnmountAsync"] = root => root.Layers.UnmountAsync("name"),
        ["LayerStore.ReleaseAsync"] = root => root.Layers.ReleaseAsync(Nothing, new HashSet<ChainId>()),
        ["LayerStore.RemoveUnreferencedAsync"] = root => root.Layers.RemoveUnreferencedAsync(new HashSet<ChainId>()),
        ["LayerStore.SweepAsync"] = root => root.Layers.SweepAsync(),
        ["DockerImageTarget.TakeAsync"] = async root =>
        {
            await using var target = new DockerImageTarget(root);
            await target.TakeAsync(new DockerImageSource(root, root.Find("sample:1")), [ImageReference.Parse("other:1")]);
        },
        ["DockerImageTarget.UnpackAsync"] = async root =>
        {
            DockerRoot other = DockerRoot.Open(root.Path, new DockerRootOptions { Driver = "overlay2", LockWait = TimeSpan.Zero });
            await using var target = new DockerImageTarget(other);
            await target.UnpackAsync(new MemoryStream(SampleImage.Layer("x")));
        },
        ["ImageLoader.LoadAsync"] = async root =>
        {
            using var archive = new MemoryStream(SampleImage.Of("other").DockerArchive("other:1"));
            await ImageLoader.LoadAsync(archive, "archive", root);
        },
        ["ImagePuller.PullAsync"] = async root =>
        {
            var fake = new FakeRegistry();
            _ = new RemoteImage(fake);
            using RegistryClient client = fake.Client();
            await ImagePuller.PullAsync(client, FakeRegistry.Image, root);
        },
        ["ImageCopier.SendAsync"] = root => ImageCopier.SendAsync(
            OciImage.Scratch().Append(NewLayer.FromEntries([LayerEntry.File("/x", "x")])),
            ImagePlace.Parse($"docker-data:{root.Path}//other:1"),
            new CopyOptions { Driver = root.DriverName, LockWait = TimeSpan.Zero }),
        ["ImageCopier.CopyAsync"] = async root =>
        {
            var fake = new FakeRegistry();
            _ = new RemoteImage(fake);
            using RegistryClient client = fake.Client();
            await ImageCopier.CopyAsync(
                ImagePlace.Parse($"docker://{FakeRegistry.Image}"),
                ImagePlace.Parse($"docker-data:{root.Path}//other:1"),
                new CopyOptions { Client = client, Driver = root.DriverName, LockWait = TimeSpan.Zero });
        },
    };

    public static TheoryData<string> WriterNames => [.. Writers.Keys];

    [Fact]
    public void Every_public_method_is_known_to_read_or_to_write()
    {
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<string> methods = Types.SelectMany(type => type.GetMethods(Public).Where(method => !method.IsSpecialName)
            .Select(method => $"{type.Name}.{method.Name}"));
        Assert.Equal(Readers.Concat(Writers.Keys).Order(StringComparer.Ordinal), methods.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(WriterNames))]
    public async Task Is_refused_while_another_program_writes(string writer)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = DockerRoot.Open(folder["root"], new DockerRootOptions { Driver = "vfs", LockWait = TimeSpan.Zero });
        using var archive = new MemoryStream(SampleImage.Of("base").DockerArchive("sample:1"));
        await ImageLoader.LoadAsync(archive, "archive", root);
        string[] before = Snapshot(folder["root"]);

        // As any other program would: the kernel does not ask whose handle it is.
        Assert.Equal(Errno.None, FileLock.TryTake(folder["root"], isExclusive: true, out FileLock? other));
        using (other)
        {
            await Assert.ThrowsAsync<RootBusyException>(() => Writers[writer](root));
        }

        Assert.Equal(before, Snapshot(folder["root"]));
    }

    [Fact]
    public async Task A_change_keeps_other_programs_out_and_writes_nothing_once_it_is_over()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = DockerRoot.Open(folder["root"], new DockerRootOptions { Driver = "vfs", LockWait = TimeSpan.Zero });
        using var archive = new MemoryStream(SampleImage.Of("base").DockerArchive("sample:1"));
        await ImageLoader.LoadAsync(archive, "archive", root);
        Image image = root.Find("sample:1");
        ImageReference name = ImageReference.Parse("other:1");
        var source = new BlobSource(Digest.OfSha256("blob"u8), "registry.example/app", "");
        Action<DockerRootChange>[] writes =
        [
            change => change.SetName(name, image.Id),
            change => change.SetParent(image.Id, null),
            change => change.AddBlobSource(DiffId.Empty, source),
            change => change.RemoveBlobSource(DiffId.Empty, source),
        ];
        using DockerRootChange change = await root.BeginChangeAsync();
        Assert.NotEqual(Errno.None, FileLock.TryTake(folder["root"], isExclusive: true, out _));
        Array.ForEach(writes, write => write(change));
        Assert.Equal(image.Id, root.Find("other:1").Id);
        change.Dispose();
        Assert.All(writes, write => Assert.Throws<ObjectDisposedException>(() => write(change)));
        Assert.Equal(
            writes.Length,
            typeof(DockerRootChange).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Length - 1);
    }

    [Fact]
    public async Task A_push_notes_nothing_while_another_program_writes()
    {
        const string Name = "target.example/app:1";
        const string Target = "https://target.example/v2/app";
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = DockerRoot.Open(folder["root"], new DockerRootOptions { Driver = "vfs", LockWait = TimeSpan.Zero });
        using var archive = new MemoryStream(SampleImage.Of("base").DockerArchive(Name));
        await ImageLoader.LoadAsync(archive, "archive", root);
        using RegistryClient client = new FakeRegistry()
            .On("GET https://target.example/v2/", _ => FakeRegistry.Text("{}"))
            .On($"POST {Target}/blobs/uploads/", _ => FakeRegistry.Status(202, "", ("Location", "one")))
            .On($"PATCH {Target}/blobs/uploads/one", _ => FakeRegistry.Status(202, "", ("Location", "one")))
            .On($"PUT {Target}/blobs/uploads/one", _ => FakeRegistry.Status(201))
            .On($"PUT {Target}/manifests/1", _ => FakeRegistry.Status(201))
            .Client();
        string[] before = Snapshot(folder["root"]);
        Assert.Equal(Errno.None, FileLock.TryTake(folder["root"], isExclusive: true, out FileLock? other));
        using (other)
        {
            await ImagePusher.PushAsync(root, ImageReference.Parse(Name), client);
        }

        Assert.Equal(before, Snapshot(folder["root"]));
        await ImagePusher.PushAsync(root, ImageReference.Parse(Name), client);
        Assert.NotEqual(before, Snapshot(folder["root"]));
    }

    private static string[] Snapshot(string folder) =>
    [
        .. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {File.GetLastWriteTimeUtc(path):O}"),
    ];

    private static Container SomeContainer(DockerRoot root) => new()
    {
        Id = new string('a', 64),
        Name = "some",
        Created = "2020-01-02T03:04:05Z",
        Path = "/run",
        Arguments = [],
        Config = new RunConfig(),
        ImageId = root.Find("sample:1").Id,
        Driver = root.DriverName,
        State = new ContainerState(),
    };
}
