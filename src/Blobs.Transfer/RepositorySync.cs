using System.IO.Enumeration;
using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Brings the tags of one repository or layout to another, unchanged. What is there already is not sent, so a run that
/// was cut goes on where it stopped.</summary>
[SupportedOSPlatform("linux")]
public static class RepositorySync
{
    /// <summary>Copies many tags, one after the other. A tag that fails does not stop the others.</summary>
    /// <param name="source">A repository, or the folder of a layout.</param>
    /// <param name="target">A repository, or the folder of a layout.</param>
    /// <param name="tags">Patterns with <c>*</c> and <c>?</c>; all tags when empty.</param>
    /// <param name="isDryRun">Whether to say only what would be copied.</param>
    /// <param name="options">The client, and whether to copy referrers; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every blob.</param>
    /// <param name="done">Receives each tag when it is done.</param>
    /// <param name="cancellationToken">Ends the work; tags that were copied stay.</param>
    /// <exception cref="BlobsException">The tags cannot be listed.</exception>
    public static async Task<IReadOnlyList<SyncedTag>> RunAsync(
        ImagePlace source,
        ImagePlace target,
        IReadOnlyList<string> tags,
        bool isDryRun = false,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        IProgress<SyncedTag>? done = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(tags);
        options ??= new CopyOptions();
        using RegistryClient? own = options.Client is null ? new RegistryClient() : null;
        options = options with { Client = options.Client ?? own };
        IReadOnlyList<TagEntry> offered = await ListAsync(source, options, cancellationToken).ConfigureAwait(false);
        var run = new Run(target, options, isDryRun, progress);
        var synced = new List<SyncedTag>();
        foreach (TagEntry tag in offered.Where(tag => IsWanted(tag.Name, tags)))
        {
            SyncedTag result = await run.SyncAsync(tag, cancellationToken).ConfigureAwait(false);
            synced.Add(result);
            done?.Report(result);
        }

        return synced;
    }

    // Signatures under cosign's tags go with what they sign, or when a pattern names them.
    private static bool IsWanted(string tag, IReadOnlyList<string> patterns) => patterns.Count == 0
        ? !ReferrerTags.IsOne(tag)
        : patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, tag, ignoreCase: false));

    private static async Task<IReadOnlyList<TagEntry>> ListAsync(
        ImagePlace place, CopyOptions options, CancellationToken cancellationToken)
    {
        if (place.Transport == ImageTransport.Registry)
        {
            ImageReference repository = ImageReference.Parse(place.Name!);
            var names = new List<string>();
            await foreach (string tag in options.Client!.Repository(repository).TagsAsync(cancellationToken).ConfigureAwait(false))
            {
                names.Add(tag);
            }

            return
            [
                .. names.Where(tag => TagName.IsValid(tag))
                    .Select(tag => new TagEntry(tag, place with { Name = $"{repository.WithTag(tag)}" })),
            ];
        }

        using LayoutManifests layout = await LayoutManifests.OpenAsync(place.Path, options.Limits, cancellationToken).ConfigureAwait(false);
        return [.. layout.RefNames.Distinct().Select(name => new TagEntry(name, place with { Name = name }))];
    }

    private sealed record TagEntry(string Name, ImagePlace Place);

    /// <summary>The copying of one tag after the other.</summary>
    private sealed class Run(ImagePlace target, CopyOptions options, bool isDryRun, IProgress<TransferProgress>? progress)
    {
        public async Task<SyncedTag> SyncAsync(TagEntry tag, CancellationToken cancellationToken)
        {
            try
            {
                return await TrySyncAsync(tag, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is BlobsException or IOException or UnauthorizedAccessException)
            {
                return new SyncedTag(tag.Name, SyncState.Failed) { Error = fault.Message };
            }
        }

        private async Task<SyncedTag> TrySyncAsync(TagEntry tag, CancellationToken cancellationToken)
        {
            ImagePlace place = PlaceOf(tag.Name);
            Digest? offered = await FindAsync(tag.Place, options.Client!, cancellationToken).ConfigureAwait(false);
            Digest? there = await FindAsync(place, options.ClientOfTarget, cancellationToken).ConfigureAwait(false);
            bool isSame = offered is not null && there == offered;
            SyncState state = isSame ? SyncState.Unchanged : there is null ? SyncState.New : SyncState.Updated;
            if (isDryRun || (isSame && !options.WithReferrers))
            {
                return new SyncedTag(tag.Name, state) { Digest = offered };
            }

            using NamedManifest named =
                await NamedManifest.TryOpenAsync(tag.Place, options.Client!, options.Limits, cancellationToken).ConfigureAwait(false)
                    ?? throw new MalformedDataException(Fault.ImageArchive, 0, $"{tag.Place}: names several manifests");
            CopyResult copied = await ContentCopy.RunAsync(named, place, options, progress, cancellationToken).ConfigureAwait(false);
            return new SyncedTag(tag.Name, state)
            {
                Digest = named.Digest,
                NewManifests = copied.NewManifests,
                NewBlobs = copied.NewBlobs,
                SentBytes = copied.SentBytes,
            };
        }

        private ImagePlace PlaceOf(string tag) => target.Transport != ImageTransport.Registry ? target with { Name = tag }
            : TagName.IsValid(tag) ? target with { Name = $"{ImageReference.Parse(target.Name!).WithTag(tag)}" }
            : throw new MalformedDataException(Fault.ReferenceSyntax, 0, $"{ArchiveDocuments.Shown(tag)} cannot be a tag in a registry");

        private async Task<Digest?> FindAsync(ImagePlace place, RegistryClient client, CancellationToken cancellationToken)
        {
            if (place.Transport == ImageTransport.Registry)
            {
                ImageReference name = ImageReference.Parse(place.Name!);
                Descriptor? found = await client.Repository(name)
                    .FindManifestAsync(name.Tag!, cancellationToken).ConfigureAwait(false);
                return found?.Digest;
            }

            if (!Path.Exists(Path.Combine(place.Path, OciLayout.IndexName)))
            {
                return null;
            }

            using LayoutManifests layout =
                await LayoutManifests.OpenAsync(place.Path, options.Limits, cancellationToken).ConfigureAwait(false);
            return layout.Entries(place.Name) is [var entry] ? entry.Digest : null;
        }
    }
}
