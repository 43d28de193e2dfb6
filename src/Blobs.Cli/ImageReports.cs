using System.Globalization;
using System.Text.Json.Serialization;
using Blobs.Cli.Stores;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Layers;
using Blobs.Hashing.Internal;
using Blobs.Images;
using Blobs.Transfer;

namespace Blobs.Cli;

/// <summary>One row of <c>images</c>: an image under one of its names.</summary>
internal sealed record ImageReport
{
    public required string? Repository { get; init; }

    public required string? Tag { get; init; }

    public required string? Digest { get; init; }

    public required string Id { get; init; }

    public required string CreatedAt { get; init; }

    public required string CreatedSince { get; init; }

    /// <summary>Size of the files of all its layers, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The size as docker prints it.</summary>
    public required string DisplaySize { get; init; }

    /// <summary>Makes rows as docker does: one for each tag (with digests: for each tag and digest of a repository), one for each
    /// repository that has only digests, and one without either for an image that has no names.</summary>
    public static IEnumerable<ImageReport> From(ListedImage summary, bool withDigests)
    {
        ILookup<string, string?> digests = summary.Digests.ToLookup(name => name.FamiliarName, string? (name) => $"{name.Digest}");
        ILookup<string, string> tags = summary.Tags.ToLookup(name => name.FamiliarName, name => name.Tag!);
        if (tags.Count + digests.Count == 0)
        {
            yield return Row(summary, null, null, null);
        }

        foreach (IGrouping<string, string> repository in tags)
        {
            IEnumerable<string?> shown = withDigests && digests.Contains(repository.Key) ? digests[repository.Key] : [null];
            foreach (string tag in repository)
            {
                foreach (string? digest in shown)
                {
                    yield return Row(summary, repository.Key, tag, digest);
                }
            }
        }

        foreach (IGrouping<string, string?> repository in digests.Where(group => !tags.Contains(group.Key)))
        {
            foreach (string? digest in withDigests ? repository : repository.Take(1))
            {
                yield return Row(summary, repository.Key, null, digest);
            }
        }
    }

    private static ImageReport Row(ListedImage summary, string? repository, string? tag, string? digest)
    {
        DateTimeOffset created = summary.Created;
        return new ImageReport
        {
            Repository = repository,
            Tag = tag,
            Digest = digest,
            Id = $"{summary.Id}",
            CreatedAt = created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            CreatedSince = Human.Since(created),
            Size = summary.Size,
            DisplaySize = Human.Size(summary.Size),
        };
    }
}

/// <summary>One row of <c>history</c>.</summary>
internal sealed record HistoryReport
{
    public required string? Id { get; init; }

    public required string? Created { get; init; }

    public required string CreatedBy { get; init; }

    public required long Size { get; init; }

    public required string Comment { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public static HistoryReport From(HistoryStep step) => new()
    {
        Id = step.Image?.ToString(),
        Created = step.Entry.Created,
        CreatedBy = step.Entry.CreatedBy ?? "",
        Size = step.Size,
        Comment = step.Entry.Comment ?? "",
        Tags = [.. step.Tags.Select(name => name.Familiar)],
    };
}

/// <summary>One row of <c>ps</c>.</summary>
internal sealed record ContainerReport
{
    private const int CommandLength = 20;

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Image { get; init; }

    public required string ImageId { get; init; }

    public required string Command { get; init; }

    public required string Created { get; init; }

    public required string CreatedSince { get; init; }

    public required string State { get; init; }

    public required string Status { get; init; }

    public required bool IsMounted { get; init; }

    /// <summary>The image, shortened when it is an id.</summary>
    [JsonIgnore]
    public string ShortImage => Image.StartsWith(DigestText.Sha256Prefix, StringComparison.Ordinal) ? DigestText.Shorten(Image) : Image;

    /// <summary>The start of the command, in quotes as docker shows it.</summary>
    [JsonIgnore]
    public string ShortCommand => Command.Length <= CommandLength ? $"\"{Command}\"" : $"\"{Command[..(CommandLength - 1)]}…\"";

    public static ContainerReport From(ContainerOverview overview)
    {
        Container container = overview.Container;

        // As dockerd, which quotes only words that contain a space.
        IEnumerable<string> words = container.Arguments
            .Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"'{word}'" : word)
            .Prepend(container.Path);
        return new ContainerReport
        {
            Id = container.Id,
            Name = container.Name,
            Image = overview.Image,
            ImageId = $"{container.ImageId}",
            Command = string.Join(' ', words),
            Created = container.Created,
            CreatedSince = Since(container.Created),
            State = container.State.Word,
            Status = container.State.Word switch
            {
                "exited" => $"Exited ({container.State.ExitCode}) {Since(container.State.FinishedAt)} ago",
                "running" => $"Up {Since(container.State.StartedAt)}",
                "paused" => $"Up {Since(container.State.StartedAt)} (Paused)",
                "restarting" => $"Restarting ({container.State.ExitCode}) {Since(container.State.FinishedAt)} ago",
                "removing" => "Removal In Progress",
                "dead" => "Dead",
                _ => "Created",
            },
            IsMounted = overview.IsMounted,
        };
    }

    private static string Since(string time) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset then)
            ? Human.Duration(DateTimeOffset.UtcNow - then)
            : "N/A";
}

/// <summary>A name, image or layer that <c>rmi</c> removed.</summary>
internal sealed record RemovedReport(string? Untagged, string? Deleted)
{
    /// <summary>A layer that stays because BuildKit's cache needs it; <see cref="Reason"/> says more.</summary>
    public string? Kept { get; init; }

    public string? Reason { get; init; }

    /// <summary>Whether it stays because that cache could not be read.</summary>
    [JsonIgnore]
    public bool IsProblem { get; init; }

    public static RemovedReport From(Removed removed) =>
        new(removed.Untagged?.Familiar, removed.Image?.ToString() ?? removed.Layer?.ToString());

    public static RemovedReport From(KeptLayer kept, string? problem) => new(null, null)
    {
        Kept = $"{kept.Layer}",
        IsProblem = problem is not null,
        Reason = problem ?? kept.BuildStep ?? "BuildKit's cache needs it",
    };
}

/// <summary>What <c>load</c> prints about an image.</summary>
internal sealed record TakenReport
{
    public required string Id { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required string? Manifest { get; init; }

    public required int NewLayers { get; init; }

    public static TakenReport From(TakenImage image) => new()
    {
        Id = $"{image.Id}",
        Names = [.. image.Names.Select(name => name.Familiar)],
        Manifest = image.Manifest?.ToString(),
        NewLayers = image.NewLayers,
    };
}

/// <summary>What <c>copy</c> prints.</summary>
internal sealed record CopyReport
{
    /// <summary>The image's id; null for an index or an artifact.</summary>
    public required string? Id { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required string? Manifest { get; init; }

    /// <summary>The platform that was chosen from an index for a target that cannot hold one.</summary>
    public required string? Platform { get; init; }

    /// <summary>How many manifests were copied or found at the target.</summary>
    public required int Manifests { get; init; }

    /// <summary>How many of them were new; null for one image.</summary>
    public required int? NewManifests { get; init; }

    /// <summary>Layers that the target did not have; blobs, of what was copied as it is.</summary>
    public required int NewLayers { get; init; }

    public required long? SentBytes { get; init; }

    public static CopyReport From(CopyResult copied) => new()
    {
        Id = copied.Image?.Id.ToString(),
        Names = [.. (copied.Image?.Names ?? []).Select(name => name.Familiar)],
        Manifest = copied.Image is { } image ? image.Manifest?.ToString() : $"{copied.Digest}",
        Platform = copied.Platform?.ToString(),
        Manifests = copied.Manifests,
        NewManifests = copied.Image is null ? copied.NewManifests : null,
        NewLayers = copied.NewBlobs,
        SentBytes = copied.Image is null ? copied.SentBytes : null,
    };
}

/// <summary>Source-generated JSON serialisers of the reports about images.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImageReport[]))]
[JsonSerializable(typeof(HistoryReport[]))]
[JsonSerializable(typeof(TakenReport[]))]
[JsonSerializable(typeof(CopyReport[]))]
[JsonSerializable(typeof(CopyReport))]
[JsonSerializable(typeof(SyncReport[]))]
[JsonSerializable(typeof(ContainerReport[]))]
[JsonSerializable(typeof(RemovedReport[]))]
internal sealed partial class ImageJson : JsonSerializerContext;
