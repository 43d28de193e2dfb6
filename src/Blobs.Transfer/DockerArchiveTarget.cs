using System.Text;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>
/// Writes an archive as <c>docker save</c> of Docker 20.10 does; with uncompressed layers it is the same to the byte. A
/// layer is <c>LEGACY-ID/layer.tar</c>, beside the files that Docker before 1.10 needed. Repeated layers are symbolic
/// links. Members are in bytewise order of names, so <c>manifest.json</c> follows the layers. Everything is written at
/// the commit.
/// </summary>
public sealed class DockerArchiveTarget : IImageTarget
{
    private const uint DirectoryMode = 0b0_100_000_111_101_101;
    private const uint FileMode = 0b1_000_000_110_100_100;
    private const uint LinkMode = 0b1_010_000_111_111_111;

    private readonly ArchiveWriter _archive;
    private readonly ArchiveOptions _options;
    private readonly List<Planned> _images = [];

    /// <param name="target">Takes the archive; stays open.</param>
    /// <param name="options">How layers are compressed; not at all by default.</param>
    public DockerArchiveTarget(Stream target, ArchiveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        _options = options ?? new ArchiveOptions();
        _archive = new ArchiveWriter(target, _options.ForwardOnly);
    }

    private CompressionKind Compression => _options.Compression ?? CompressionKind.None;

    /// <inheritdoc/>
    /// <remarks>The image is read at the commit, and its source must live until then.</remarks>
    /// <exception cref="MalformedDataException">The image has no layers, which such an archive cannot hold.</exception>
    public Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(names);
        ImageLayers.Check(image);
        if (image.Config.DiffIds.Count == 0)
        {
            throw new MalformedDataException(
                Fault.ImageArchive, 0, $"image {image.Config.Id}: has no layers, but a Docker archive needs at least one");
        }

        _images.Add(new Planned(image, [.. names.Where(name => name.Digest is null)], progress, LegacyIds(image.Config)));
        int count = image.Config.DiffIds.Count;
        return Task.FromResult(new TakenImage { Id = image.Config.Id, Names = names, LayerCount = count, NewLayers = count });
    }

    /// <inheritdoc/>
    public async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        foreach ((_, Func<Task> write) in Members(cancellationToken).OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await write().ConfigureAwait(false);
        }

        _archive.Complete();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // The top-level members of the archive; a directory includes its content.
    private List<(string Name, Func<Task> Write)> Members(CancellationToken cancellationToken)
    {
        var members = new List<(string, Func<Task>)>();
        var seen = new HashSet<string>();
        var layers = new Dictionary<DiffId, string>();
        foreach (Planned planned in _images)
        {
            ImageConfig config = planned.Source.Config;
            for (int i = 0; i < config.DiffIds.Count; i++)
            {
                string id = planned.LegacyIds[i].Hex;
                if (seen.Add(id))
                {
                    int index = i;
                    string? first = layers.TryAdd(config.DiffIds[i], id) ? null : layers[config.DiffIds[i]];
                    members.Add((id, () => WriteLayerAsync(planned, index, first, cancellationToken)));
                }
            }

            string configName = $"{config.Id.Hex}.json";
            if (seen.Add(configName))
            {
                members.Add((configName, () => WriteFile(configName, config.Bytes.Span, config.CreatedTime)));
            }
        }

        members.Add((DockerArchive.ManifestName, () => WriteFile(DockerArchive.ManifestName, ManifestJson(), DateTimeOffset.UnixEpoch)));
        if (RepositoriesJson() is { } repositories)
        {
            members.Add(("repositories", () => WriteFile("repositories", repositories, DateTimeOffset.UnixEpoch)));
        }

        return members;
    }

    private async Task WriteLayerAsync(Planned planned, int index, string? first, CancellationToken cancellationToken)
    {
        ImageConfig config = planned.Source.Config;
        string id = planned.LegacyIds[index].Hex;
        string? parent = index == 0 ? null : planned.LegacyIds[index - 1].Hex;
        ImageDraft draft = DraftOf(config, index);
        draft = draft with { Platform = draft.Platform with { Os = config.Platform.Os } };
        _archive.Write(Member($"{id}/", TarEntryType.Directory, DirectoryMode, config.CreatedTime));
        await WriteFile($"{id}/VERSION", "1.0"u8, config.CreatedTime).ConfigureAwait(false);
        await WriteFile($"{id}/json", draft.ToLegacyJson(id, parent), config.CreatedTime).ConfigureAwait(false);

        ImageLayer layer = planned.Source.Layers[index];
        string name = LayerName(id);
        if (first is not null)
        {
            _archive.Write(Member(name, TarEntryType.SymbolicLink, LinkMode, config.CreatedTime) with
            {
                LinkName = Encoding.ASCII.GetBytes($"../{LayerName(first)}"),
            });
            return;
        }

        var copy = new LayerCopy(layer, Compression, Compression, planned.Progress);
        TarMember member = Member(name, TarEntryType.File, FileMode, config.CreatedTime);
        if (Compression == CompressionKind.None && layer.IsVerifiedTar && layer.GetLength() is { } length)
        {
            await _archive.WriteAsync(member with { Size = length }, target => WriteAsync(target, known: null)).ConfigureAwait(false);
        }
        else
        {
            await _archive.WriteAsync(member, _ => name, WriteAsync).ConfigureAwait(false);
        }

        Task<WrittenBlob> WriteAsync(Stream target, Digest? known) => copy.WriteAsync(target, known, cancellationToken);
    }

    private Task WriteFile(string name, ReadOnlySpan<byte> content, DateTimeOffset time)
    {
        _archive.Write(Member(name, TarEntryType.File, FileMode, time), content);
        return Task.CompletedTask;
    }

    // Docker does not set times before 1970.
    private static TarMember Member(string name, TarEntryType type, uint mode, DateTimeOffset time) => new()
    {
        Name = Encoding.ASCII.GetBytes(name),
        Type = type,
        Mode = mode,
        UserName = "root"u8.ToArray(),
        GroupName = "root"u8.ToArray(),
        ModifiedTime = new UnixTime(Math.Max(0, time.ToUnixTimeSeconds()), 0),
    };

    private static string LayerName(string id) => $"{id}/layer.tar";

    // Only the last layer gets the image's metadata; those below have a fixed time and nothing else.
    private static ImageDraft DraftOf(ImageConfig config, int index) => index == config.DiffIds.Count - 1
        ? ImageDraft.From(config)
        : new ImageDraft { Created = "1970-01-01T00:00:00Z" };

    private static Digest[] LegacyIds(ImageConfig config)
    {
        var ids = new Digest[config.DiffIds.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = DraftOf(config, i).LegacyId(config.ChainIds[i], i == 0 ? null : ids[i - 1]);
        }

        return ids;
    }

    private byte[] ManifestJson() => DockerManifestItem.ToJson(_images.Select(planned => new DockerManifestItem
    {
        Config = $"{planned.Source.Config.Id.Hex}.json",
        RepoTags = [.. planned.Names.Select(name => name.WithDefaultTag().Familiar)],
        Layers = [.. planned.LegacyIds.Select(id => LayerName(id.Hex))],
        Parent = planned.Source.Parent is { } parent && _images.Exists(other => other.Source.Config.Id == parent)
            ? $"{parent}"
            : null,
    }));

    private byte[]? RepositoriesJson()
    {
        var repositories = new SortedDictionary<string, Dictionary<string, string>>(GoOrder.Instance);
        foreach (Planned planned in _images)
        {
            foreach (ImageReference name in planned.Names.Select(name => name.WithDefaultTag()))
            {
                if (!repositories.TryGetValue(name.FamiliarName, out Dictionary<string, string>? tags))
                {
                    repositories.Add(name.FamiliarName, tags = []);
                }

                tags[name.Tag!] = planned.LegacyIds[^1].Hex;
            }
        }

        if (repositories.Count == 0)
        {
            return null;
        }

        var json = new GoJsonWriter();
        json.BeginObject();
        foreach ((string repository, Dictionary<string, string> tags) in repositories)
        {
            json.Name(repository);
            json.Map(tags);
        }

        json.EndObject();
        return [.. json.Written, (byte)'\n'];
    }

    private sealed record Planned(
        IImageSource Source, IReadOnlyList<ImageReference> Names, IProgress<TransferProgress>? Progress, Digest[] LegacyIds);
}
