namespace Blobs.Interop;

/// <summary>Mounts that a stopped engine left behind.</summary>
internal static class Mounts
{
    public static IReadOnlyList<string> Below(string folder) =>
        [.. File.ReadLines("/proc/self/mounts")
            .Select(line => line.Split(' ')[1])
            .Where(point => point.StartsWith(folder + "/", StringComparison.Ordinal))
            .OrderByDescending(point => point.Length)];

    public static async Task RemoveBelowAsync(string folder)
    {
        foreach (string point in Below(folder))
        {
            await new Command("umount", "--lazy", point).RunAsync();
        }
    }
}
