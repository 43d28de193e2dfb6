using System.Globalization;
using Blobs.Files.Internal;

namespace Blobs.Containerd;

/// <summary>Says which process made something: boot, process namespace, number and time of its start. containerd is on the same
/// machine, so another process can see whether it lives.</summary>
internal static class ProcessMark
{
    /// <summary>The mark of this process.</summary>
    public static string Own { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{Boot} {Space} {Environment.ProcessId} {StartOf(Environment.ProcessId)}");

    private static string Boot => SmallFile.ReadText("/proc/sys/kernel/random/boot_id").Trim();

    private static string Space => new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";

    /// <summary>Whether the process of a mark is dead. False when that cannot be known.</summary>
    public static bool IsOfDead(string mark)
    {
        if (mark.Split(' ') is not [var boot, var space, var number, var start]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int process))
        {
            return false;
        }

        return boot != Boot || (space == Space && StartOf(process) != start);
    }

    // The second field, the program's name, may contain anything.
    private static string StartOf(int process)
    {
        const int StartField = 19;
        string? status = SmallFile.TryReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        string[] fields = status?[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return fields.Length > StartField ? fields[StartField] : "";
    }
}
