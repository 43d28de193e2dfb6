using System.Reflection;

namespace Blobs.Bench;

/// <summary>Runs every method untimed: all methods of a claim must return the same value, and none may allocate more
/// than its limit.</summary>
internal static class Verification
{
    public static bool Run()
    {
        var ceilings = new AllocationCeilings();
        bool isAgreed = true;
        foreach (Type type in Claims.Types)
        {
            IClaim claim = Claims.Make(type);
            List<(string Name, string Check)> results =
                [.. Claims.Methods(type).Select(method => (method.Name, Claims.Check(claim, method)))];
            bool isSame = results.TrueForAll(result => result.Check == results[0].Check);
            isAgreed &= isSame;
            foreach ((string name, string check) in results)
            {
                Console.WriteLine($"{(isSame ? "ok" : "DIFFERS"),-8} {type.Name}.{name,-32} {check}");
            }

            foreach (MethodInfo method in Claims.Methods(type))
            {
                isAgreed &= ceilings.Holds(claim, method);
            }

            (claim as IDisposable)?.Dispose();
        }

        return isAgreed;
    }
}
