using System.Text.Json;
using Blobs.Distribution.Storage;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Oci.Internal;
using Blobs.Transfer;

namespace Blobs.Fuzz.Targets;

/// <summary>Uses documents that parse, without a disk: the code behind inspect, create, add, commit, save, copy and
/// push. What it writes must parse again to the same.</summary>
internal static class DocumentUses
{
    private const string Id = "91ce2be79bbd3f993f7aa43ff6233cf39e47801e220706bc391ee6c179e5cf8f";

    // All layers are empty tars; a few are enough.
    private const int GivenLayersMax = 3;

    private static readonly DriverData Driver =
        new("overlay2", new Dictionary<string, string> { ["MergedDir"] = "/var/lib/docker/overlay2/<&>/merged" });

    public static void Of(ImageConfig config)
    {
        _ = config.CreatedTime;
        _ = $"{config.Platform}";
        Inspected(ImageInspection.Write(new Image { Config = config }, [], 0, Driver), config.HasConfig ? config.Config : null);
        Same(config.Config, ImageDrafts.Added(config, DiffId.Empty, "ADD file:1 in /"), config);
        Same(config.HasConfig ? config.Config : null, ImageDraft.From(config).ToConfig());
        Answer(() => Create(config));
        Save(new MemoryImage(config, null, []));
    }

    public static void Of(Manifest manifest)
    {
        if (new StoredManifest(manifest).Referrer is { } referrer)
        {
            ImageIndex list = ManifestWriter.Index(MediaTypes.OciIndex, [referrer]);
            FindingException.ThrowIf(list.Manifests[0].Digest != manifest.Digest, "a list of referrers names another manifest");
        }

        if (manifest is ImageManifest image)
        {
            ImageManifest again = ManifestWriter.Image(image.MediaType, image.Config, image.Layers, image.Annotations);
            FindingException.ThrowIf(!Same(image.References, again.References), "an image's manifest is another one when it is written");
            foreach (ManifestFormat format in Enum.GetValues<ManifestFormat>())
            {
                Answer(() => Push(image, format));
            }
        }
        else if (manifest is ImageIndex index)
        {
            ImageIndex again = ManifestWriter.Index(index.MediaType, index.Manifests, index.Annotations);
            FindingException.ThrowIf(!Same(index.References, again.References), "an index is another one when it is written");
            ImageIndex edited = ManifestEdit.Index(index, _ => true, [index.Describe()]);
            FindingException.ThrowIf(
                !Same([.. index.References, index.Describe()], edited.References), "an index is another one when it is added to");
        }
    }

    public static void Of(ArchivedImage image)
    {
        Of(image.Config);
        if (image.Manifest is { } manifest)
        {
            Of(manifest);
        }

        Save(new MemoryImage(image.Config, null, image.Names));
    }

    /// <summary>Uses a container's two files.</summary>
    public static void Of(Container container, ReadOnlyMemory<byte> config, ReadOnlyMemory<byte> hostConfig)
    {
        _ = container.State.Word;
        Inspected(ContainerInspection.Write(container, config, hostConfig, Driver), container.Config);
        byte[] noted = StartFiles.WithPaths(config, "config.v2.json", new Dictionary<string, string> { ["LogPath"] = "/log" });
        Same(container.Config, ContainerStore.Read(noted, "config.v2.json", container.Id, container.Driver)?.Config);
        Same(container.Config, ImageDrafts.Committed(Parent, DiffId.Empty, container), Parent);
    }

    private static ImageConfig Parent { get; } = ImageConfig.Parse("""{"rootfs":{"type":"layers"}}"""u8.ToArray());

    private static void Create(ImageConfig config)
    {
        RunConfig merged = ContainerConfig.Merge(new ContainerOptions(), config.Config, "image:1", Id);
        string[] words = [.. merged.Entrypoint ?? [], .. merged.Cmd ?? []];
        var container = new Container
        {
            Id = Id,
            Name = "name",
            Created = GoTime.Zero,
            Path = words[0],
            Arguments = words[1..],
            Config = merged,
            ImageId = config.Id,
            Driver = "overlay2",
            State = new ContainerState(),
        };
        byte[] written = ContainerWriter.Config(container, "none", ContainerConfig.VolumesOf(merged, () => Id));
        Container? read = ContainerStore.Read(written, "config.v2.json", Id, "overlay2");
        FindingException.ThrowIf(read is null, "a container that was written is another one when it is read");
        FindingException.ThrowIf(read!.Path != container.Path || !read.Arguments.SequenceEqual(container.Arguments), "its command changes");
        Same(merged, read.Config);
        byte[] hostConfig = ContainerWriter.HostConfig("none", hasUnifiedCgroups: true);
        ContainerJson.CheckHostConfig(hostConfig, "hostconfig.json");
        Of(read, written, hostConfig);
    }

    private static void Push(ImageManifest manifest, ManifestFormat format)
    {
        Descriptor[] layers = [.. manifest.Layers.Select(layer => LayerTypes.Convert(layer, format))];
        ImageManifest written = format == ManifestFormat.Docker
            ? ManifestWriter.DockerImage(manifest.Config, layers)
            : ManifestWriter.Image(MediaTypes.OciManifest, manifest.Config, layers);
        FindingException.ThrowIf(
            !Digests(written).SequenceEqual(Digests(manifest)), "a manifest of another format names other blobs");
        string type = format == ManifestFormat.Docker ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
        ImageManifest edited = ManifestEdit.Image(manifest, type, manifest.Config, layers);
        FindingException.ThrowIf(
            !Digests(edited).SequenceEqual(Digests(manifest)), "a manifest that is edited names other blobs");
        _ = ManifestEdit.IsPlain(manifest);
    }

    private static void Save(MemoryImage image)
    {
        using var bytes = new MemoryStream();
        var archive = new Transfer.DockerArchiveTarget(bytes);
        Answer(() => archive.TakeAsync(image, image.Names).GetAwaiter().GetResult());
        if (image.Config.DiffIds.Count is 0 or > GivenLayersMax || image.Config.DiffIds.Any(id => id != DiffId.Empty))
        {
            return;
        }

        archive.CommitAsync().GetAwaiter().GetResult();
        ArchivedImage saved = DockerArchive.TryRead(new MemoryArchive(bytes), Limits.Default)!.Single();
        FindingException.ThrowIf(saved.Config.Id != image.Config.Id, "a saved image has another config");
        FindingException.ThrowIf(
            !saved.Names.Select(name => name.Familiar).SequenceEqual(image.Names.Select(name => name.Familiar)),
            "a saved image has other names");

        using var layout = new MemoryStream();
        OciLayoutTarget target = OciLayoutTarget.ToArchive(layout);
        target.TakeAsync(image, image.Names).GetAwaiter().GetResult();
        target.CommitAsync().GetAwaiter().GetResult();
        IReadOnlyList<ArchivedImage> copied = OciLayout.TryRead(new MemoryArchive(layout), Limits.Default)!;
        FindingException.ThrowIf(copied.Any(copy => copy.Config.Id != image.Config.Id), "a copied image has another config");
    }

    private static void Inspected(byte[] json, RunConfig? config)
    {
        using GoDocument document = GoDocument.Parse(json, "inspect", Fault.RootDocument);
        GoObject? written = document.Root.Object()["Config"].ObjectIfAny();
        Same(config, written is null ? null : RunConfigJson.Read(written));
    }

    private static void Same(RunConfig? expected, ImageDraft draft, ImageConfig parent)
    {
        ImageConfig made = ImageDrafts.Finished(draft, parent, isEmpty: true, "author", "comment");
        FindingException.ThrowIf(made.History.Count != parent.History.Count + 1, "a step of the history is lost");
        Same(expected! with { Image = made.Config.Image }, made);
    }

    private static void Same(RunConfig? expected, ImageConfig made) => Same(expected, made.HasConfig ? made.Config : null);

    private static void Same(RunConfig? expected, RunConfig? found)
    {
        byte[] one = expected is null ? [] : RunConfigWriter.ToJson(expected);
        byte[] other = found is null ? [] : RunConfigWriter.ToJson(found);
        FindingException.ThrowIf(!one.AsSpan().SequenceEqual(other), "what a container runs changes when it is written");
    }

    private static IEnumerable<Digest> Digests(Manifest manifest) => manifest.References.Select(reference => reference.Digest);

    private static bool Same(IEnumerable<Descriptor> one, IEnumerable<Descriptor> other) =>
        one.Select(Text).SequenceEqual(other.Select(Text));

    private static string Text(Descriptor descriptor) => JsonSerializer.Serialize(new
    {
        descriptor.MediaType,
        Digest = $"{descriptor.Digest}",
        descriptor.Size,
        Urls = descriptor.Urls ?? [],
        Annotations = (descriptor.Annotations ?? new Dictionary<string, string>()).OrderBy(note => note.Key, GoOrder.Instance),
        Platform = $"{descriptor.Platform}",
        ArtifactType = descriptor.ArtifactType ?? "",
    });

    // A rejected document ends this use only.
    private static void Answer(Action use)
    {
        try
        {
            use();
        }
        catch (BlobsException)
        {
        }
    }
}
