using System.Runtime.CompilerServices;
using Blobs.Distribution.Storage;

namespace Blobs.Storage.S3;

/// <summary>
/// Lists repositories in the order of their names, by walking folders: names nest, and one request for each folder tells
/// whether it is a repository and what lies below it. A folder's own name stands before those that continue it with
/// <c>-</c> or <c>.</c>, and these before what lies below it.
/// </summary>
internal sealed class S3Repositories(S3Client client, S3Keys keys)
{
    // So many folders are asked for at once.
    private const int Ahead = 16;

    /// <summary>The repositories that have a folder, such as <c>_manifests</c>.</summary>
    public async ValueTask<RegistryListing<string>> ListAsync(string wanted, RegistryPage page, CancellationToken cancellationToken)
    {
        int countMax = page.Count ?? int.MaxValue;
        var names = new List<string>();
        await foreach (string name in AllAsync(wanted, page.After, cancellationToken).ConfigureAwait(false))
        {
            if (names.Count == countMax)
            {
                return new RegistryListing<string>(names, HasMore: true);
            }

            names.Add(name);
        }

        return new RegistryListing<string>(names, HasMore: false);
    }

    /// <summary>All of them after a name.</summary>
    public async IAsyncEnumerable<string> AllAsync(
        string wanted, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A comma is smaller than every character that can follow in a name.
        string? first = after is null ? null : $"{keys.Repositories}{after.Split('/')[0]},";
        IReadOnlyList<string> top = await client.ListFoldersAsync(keys.Repositories, first, cancellationToken).ConfigureAwait(false);
        await foreach (string name in WalkAsync("", top, wanted, after, cancellationToken).ConfigureAwait(false))
        {
            yield return name;
        }
    }

    private async IAsyncEnumerable<string> WalkAsync(
        string parent,
        IReadOnlyList<string> folders,
        string wanted,
        string? after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Step[] steps = [.. StepsOf(parent, folders, after)];
        var asked = new Dictionary<string, Task<IReadOnlyList<string>>>(StringComparer.Ordinal);
        for (int i = 0, next = 0; i < steps.Length; i++)
        {
            for (; next < Math.Min(i + Ahead, steps.Length); next++)
            {
                string name = steps[next].Name;
                if (!asked.ContainsKey(name))
                {
                    asked.Add(name, client.ListFoldersAsync($"{keys.Repositories}{name}/", null, cancellationToken));
                }
            }

            IReadOnlyList<string> inside = await asked[steps[i].Name].ConfigureAwait(false);
            if (!steps[i].IsBelow)
            {
                if (inside.Contains(wanted))
                {
                    yield return steps[i].Name;
                }

                continue;
            }

            asked.Remove(steps[i].Name);
            await foreach (string name in WalkAsync($"{steps[i].Name}/", inside, wanted, after, cancellationToken).ConfigureAwait(false))
            {
                yield return name;
            }
        }
    }

    // Each folder comes twice: as a name, and as what lies below it.
    private static IEnumerable<Step> StepsOf(string parent, IReadOnlyList<string> folders, string? after) => folders
        .Where(folder => !folder.StartsWith('_'))
        .SelectMany(folder => (Step[])[new Step(parent + folder, IsBelow: false), new Step(parent + folder, IsBelow: true)])
        .Where(step => step.MayComeAfter(after))
        .OrderBy(step => step.Place, StringComparer.Ordinal);

    private readonly record struct Step(string Name, bool IsBelow)
    {
        public string Place => IsBelow ? $"{Name}/" : Name;

        public bool MayComeAfter(string? last) => last is null
            || string.CompareOrdinal(Place, last) > 0
            || (IsBelow && last.StartsWith(Place, StringComparison.Ordinal));
    }
}
