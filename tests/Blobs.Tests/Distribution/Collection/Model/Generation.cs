namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>
/// The generation in gc/current: 3r - 2 while run r marks, 3r - 1 once it has condemned, 3r when it has ended; 0 before
/// the first.
/// </summary>
internal readonly record struct Generation(byte Value)
{
    /// <summary>
    /// Stands for every generation that is not the current one, where a process only asks whether it changed.
    /// </summary>
    public static Generation Another => new(byte.MaxValue);

    public int Run => (Value + 2) / 3;

    public bool IsCondemned => Value % 3 == 2;

    public bool IsEnded => Value % 3 == 0;

    public static Generation Marking(int run) => new((byte)((3 * run) - 2));

    public static Generation Condemned(int run) => new((byte)((3 * run) - 1));

    public static Generation Ended(int run) => new((byte)(3 * run));
}
