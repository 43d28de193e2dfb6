using System.Globalization;
using System.Text.Json.Serialization;
using Blobs.Cli.Stores;
using Blobs.Docker;
using Blobs.Hashing.Internal;

namespace Blobs.Cli;

/// <summary>What <c>df</c> prints: a row for each kind of thing in a data root, and with <c>-v</c> each thing.</summary>
internal sealed record UsageReport
{
    public required IReadOnlyList<UsageRow> Rows { get; init; }

    public required IReadOnlyList<ImageUsageReport> Images { get; init; }

    public required IReadOnlyList<ContainerUsageReport> Containers { get; init; }

    public required IReadOnlyList<VolumeUsage> Volumes { get; init; }

    public required IReadOnlyList<DirectoryUsage> BuildCache { get; init; }

    public required IReadOnlyList<LayerUsageReport> OtherLayers { get; init; }

    public required IReadOnlyList<BlobUsageReport> KeptBlobs { get; init; }

    /// <summary>Null when it is unknown, because another program writes to the root.</summary>
    public required IReadOnlyList<DirectoryUsage>? Leftovers { get; init; }

    public static UsageReport From(RootUsage usage)
    {
        HashSet<KeptBlob> unneeded = [.. usage.UnneededBlobs];
        HashSet<string> loose = [.. usage.UnneededLayers.Select(layer => $"{layer.ChainId}")];
        return new UsageReport
        {
            Rows = [.. UsageRow.From(usage)],
            Images = [.. usage.Images.Select(ImageUsageReport.From)],
            Containers = [.. usage.Containers.Select(ContainerUsageReport.From)],
            Volumes = usage.Volumes,
            BuildCache = usage.BuildCache,
            OtherLayers = [.. usage.OtherLayers.Select(layer =>
                new LayerUsageReport($"{layer.ChainId}", layer.Size, !loose.Contains($"{layer.ChainId}")))],
            KeptBlobs = [.. usage.Blobs.Select(blob =>
                new BlobUsageReport(blob.Digest?.ToString(), blob.Path, blob.Bytes, !unneeded.Contains(blob)))],
            Leftovers = usage.Leftovers,
        };
    }

    /// <summary>The table of docker's <c>system df</c>, with rows for what docker does not count.</summary>
    public void WriteText(TextWriter output)
    {
        var table = new Table("TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE");
        foreach (UsageRow row in Rows)
        {
            table.Add(row.Type, Show(row.Total), Show(row.Active), Human.ExactSize(row.Size), row.DisplayReclaimable);
        }

        table.WriteTo(output);
        if (Leftovers is null)
        {
            output.WriteLine("Leftovers are not counted: another program writes to the root.");
        }
    }

    /// <summary>The tables of docker's <c>system df -v</c>, and the others.</summary>
    public void WriteDetails(TextWriter output)
    {
        Section(
            "Images",
            ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"],
            Images.Select(Row));
        Section(
            "Containers",
            ["CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES"],
            Containers.Select(Row));
        Section(
            "Local Volumes",
            ["VOLUME NAME", "LINKS", "SIZE"],
            Volumes.Select(volume => (string[])[volume.Name, Show(volume.Containers), Human.ExactSize(volume.Bytes)]));
        Section("Build cache", ["PATH", "SIZE"], BuildCache.Select(Row));
        Section(
            "Other layers",
            ["CHAIN ID", "USED", "SIZE"],
            OtherLayers.Select(layer => (string[])[DigestText.Shorten(layer.ChainId), YesOrNo(layer.IsUsed), Human.ExactSize(layer.Size)]));
        Section(
            "Kept blobs",
            ["DIGEST", "USED", "SIZE"],
            KeptBlobs.Select(blob => (string[])
                [blob.Digest is { } digest ? DigestText.Shorten(digest) : "incomplete", YesOrNo(blob.IsUsed), Human.ExactSize(blob.Size)]));
        Section("Leftovers", ["PATH", "SIZE"], (Leftovers ?? []).Select(Row));

        void Section(string title, string[] header, IEnumerable<string[]> rows)
        {
            output.WriteLine($"{title} space usage:\n");
            var table = new Table(header);
            foreach (string[] row in rows)
            {
                table.Add(row);
            }

            table.WriteTo(output);
            output.WriteLine();
        }
    }

    private static string[] Row(ImageUsageReport image) =>
    [
        image.Repository ?? "<none>", image.Tag ?? "<none>", DigestText.Shorten(image.Id), image.CreatedSince,
        Human.ExactSize(image.Size), Human.ExactSize(image.SharedSize), Human.ExactSize(image.UniqueSize), Show(image.Containers),
    ];

    private static string[] Row(ContainerUsageReport container) =>
    [
        DigestText.Shorten(container.Container.Id), container.Container.ShortImage, container.Container.ShortCommand,
        Show(container.LocalVolumes), Human.ExactSize(container.Size), $"{container.Container.CreatedSince} ago",
        container.Container.Status, container.Container.Name,
    ];

    private static string[] Row(DirectoryUsage directory) => [directory.Path, Human.ExactSize(directory.Bytes)];

    private static string Show(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string YesOrNo(bool value) => value ? "yes" : "no";
}

/// <summary>A kind of thing in a data root.</summary>
/// <param name="Type">Its name, as docker says it.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Active">How many are in use.</param>
/// <param name="Size">Their size in bytes.</param>
/// <param name="Reclaimable">How much of that could go.</param>
internal sealed record UsageRow(string Type, int Total, int Active, long Size, long Reclaimable)
{
    /// <summary>What could go, and which part that is: docker rounds down.</summary>
    [JsonIgnore]
    public string DisplayReclaimable => Size > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Human.ExactSize(Reclaimable)} ({Reclaimable * 100 / Size}%)")
        : Human.ExactSize(Reclaimable);

    public static IEnumerable<UsageRow> From(RootUsage usage)
    {
        ContainerUsage[] running = [.. usage.Containers.Where(item => item.Container.Container.State.Running)];
        long containers = usage.Containers.Sum(item => item.Bytes);
        long loose = usage.UnneededLayers.Sum(layer => layer.Size);
        long leftovers = usage.Leftovers?.Sum(item => item.Bytes) ?? 0;
        return
        [
            new("Images", usage.Images.Count, usage.Images.Count(image => image.Containers > 0), usage.ImageBytes, usage.UnusedImageBytes),
            new("Containers", usage.Containers.Count, running.Length, containers, containers - running.Sum(item => item.Bytes)),
            new(
                "Local Volumes",
                usage.Volumes.Count,
                usage.Volumes.Count(volume => volume.Containers > 0),
                usage.Volumes.Sum(volume => volume.Bytes),
                usage.Volumes.Where(volume => volume.Containers == 0).Sum(volume => volume.Bytes)),
            new("Build Cache", usage.BuildCache.Count, 0, usage.BuildCache.Sum(item => item.Bytes), 0),
            new(
                "Other Layers",
                usage.OtherLayers.Count,
                usage.OtherLayers.Count - usage.UnneededLayers.Count,
                usage.OtherLayers.Sum(layer => layer.Size),
                loose),
            new(
                "Kept Blobs",
                usage.Blobs.Count,
                usage.Blobs.Count - usage.UnneededBlobs.Count,
                usage.Blobs.Sum(blob => blob.Bytes),
                usage.UnneededBlobs.Sum(blob => blob.Bytes)),
            new("Leftovers", usage.Leftovers?.Count ?? 0, 0, leftovers, leftovers),
        ];
    }
}

/// <summary>An image and what it takes; of several tags, the first, as docker does.</summary>
internal sealed record ImageUsageReport(
    string? Repository, string? Tag, string Id, string CreatedSince, long Size, long SharedSize, long UniqueSize, int Containers)
{
    public static ImageUsageReport From(ImageUsage usage)
    {
        ImageReport row = ImageReport.From(DockerImageStore.Listed(usage.Image), withDigests: false).First();
        return new(
            row.Repository, row.Tag, row.Id, row.CreatedSince, row.Size, usage.SharedBytes, usage.UniqueBytes, usage.Containers);
    }
}

/// <summary>A container and what it takes.</summary>
internal sealed record ContainerUsageReport(ContainerReport Container, long Size, int LocalVolumes)
{
    public static ContainerUsageReport From(ContainerUsage usage) =>
        new(ContainerReport.From(usage.Container), usage.Bytes, usage.Volumes);
}

/// <summary>A layer of no image.</summary>
internal sealed record LayerUsageReport(string ChainId, long Size, bool IsUsed);

/// <summary>A kept blob.</summary>
internal sealed record BlobUsageReport(string? Digest, string Path, long Size, bool IsUsed);
