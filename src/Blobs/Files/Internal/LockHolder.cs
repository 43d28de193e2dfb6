using System.ComponentModel;
using System.Globalization;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>Who holds a lock, for messages.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class LockHolder
{
    /// <summary>A process as <c> (dockerd, pid 4711)</c>, to be put behind a sentence; empty when nobody knows.</summary>
    public static string Describe(int? process)
    {
        if (process is not { } number)
        {
            return "";
        }

        string program = "";
        try
        {
            program = SmallFile.ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{number}/comm")).Trim() + ", ";
        }
        catch (BlobsException)
        {
            // It has just ended.
        }

        return string.Create(CultureInfo.InvariantCulture, $" ({program}pid {number})");
    }
}
