using System.CommandLine;
using System.Text.RegularExpressions;
using Blobs.Cli.Stores;
using Blobs.Oci;

namespace Blobs.Cli;

/// <summary>The filters of <c>docker images --filter</c>.</summary>
internal sealed class ImageFilters
{
    private const string Known = "dangling=true or false, reference=PATTERN, label=KEY[=VALUE], before=IMAGE or since=IMAGE";

    private static readonly string[] Keys = ["dangling", "reference", "label", "before", "since"];

    private readonly ILookup<string, string> _values;

    private ImageFilters(IEnumerable<string> filters) => _values = filters.Select(filter => filter.Split('=', 2))
        .ToLookup(parts => parts[0], parts => parts.ElementAtOrDefault(1) ?? "");

    /// <summary>The option.</summary>
    public static Option<string[]> Option()
    {
        var option = new Option<string[]>("--filter", "-f")
        {
            Description = $"List only images with {Known}; may be repeated.",
            HelpName = "FILTER",
        };
        option.Validators.Add(result =>
        {
            foreach (string filter in result.Tokens.Select(token => token.Value))
            {
                string[] parts = filter.Split('=', 2);
                bool isGood = parts.Length == 2 && Keys.Contains(parts[0])
                    && (parts[0] != "dangling" || IsTrue(parts[1]) is not null)
                    && (parts[0] != "reference" || GoPattern.TryParse(parts[1]) is not null);
                if (!isGood)
                {
                    result.AddError($"--filter: '{filter}' is not {Known}");
                }
            }
        });
        return option;
    }

    /// <summary>The images that pass, each with the names that do.</summary>
    public static async Task<IEnumerable<ListedImage>> ApplyAsync(
        ImageStore store, IEnumerable<ListedImage> images, string[] filters, CancellationToken cancellationToken)
    {
        var all = new ImageFilters(filters);
        async Task<DateTimeOffset?> CreatedAsync(string key) => all._values[key].LastOrDefault() is { } name
            ? (await store.OpenAsync(name, cancellationToken).ConfigureAwait(false)).Config.CreatedTime
            : null;
        DateTimeOffset? before = await CreatedAsync("before").ConfigureAwait(false);
        DateTimeOffset? since = await CreatedAsync("since").ConfigureAwait(false);
        return images
            .Where(image => image.Created is var created && !(created >= before) && !(created <= since))
            .Where(all.HasLabels)
            .Select(all.WithNames)
            .Where(all.IsListed);
    }

    private bool HasLabels(ListedImage image) => _values["label"].Select(label => label.Split('=', 2)).All(parts =>
        image.Labels.TryGetValue(parts[0], out string? value) && (parts.Length == 1 || parts[1] == value));

    private ListedImage WithNames(ListedImage image)
    {
        Regex[] patterns = [.. _values["reference"].Select(pattern => GoPattern.TryParse(pattern)!)];
        bool IsMatch(ImageReference name) => patterns.Length == 0
            || Array.Exists(patterns, pattern => pattern.IsMatch(name.Familiar) || pattern.IsMatch(name.FamiliarName));
        return image with { Tags = [.. image.Tags.Where(IsMatch)], Digests = [.. image.Digests.Where(IsMatch)] };
    }

    private bool IsListed(ListedImage image)
    {
        bool? isDangling = _values["dangling"].Select(IsTrue).LastOrDefault();
        bool hasNoName = image.Tags.Count + image.Digests.Count == 0;
        return isDangling switch
        {
            true => image.Tags.Count == 0,
            false when hasNoName => false,
            _ => !hasNoName || !_values.Contains("reference"),
        };
    }

    // The words that Go's ParseBool takes and docker passes on.
    private static bool? IsTrue(string word) => word switch { "true" or "1" => true, "false" or "0" => false, _ => null };
}
