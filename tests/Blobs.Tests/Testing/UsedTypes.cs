using System.Reflection;

namespace Blobs.Tests.Testing;

/// <summary>Finds the types that a compiled type uses, whether or not its source names them.</summary>
internal static class UsedTypes
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Returns the types of bases, interfaces, fields, parameters, results and locals, and those that its code
    /// calls.</summary>
    public static IEnumerable<Type> Of(Type type) =>
        type.GetInterfaces().Append(type.BaseType)
            .Concat(type.GetFields(Declared).Select(field => field.FieldType))
            .Concat(Il.MethodsOf(type).SelectMany(Of))
            .OfType<Type>()
            .SelectMany(Parts)
            .Distinct();

    private static IEnumerable<Type?> Of(MethodBase method) => Signature(method)
        .Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? [])
        .Concat(Il.NamedIn(method).SelectMany(found => found.Named switch
        {
            Type named => [named],
            MethodBase called => Signature(called).Append(called.DeclaringType),
            FieldInfo field => [field.FieldType, field.DeclaringType],
            _ => Enumerable.Empty<Type?>(),
        }));

    private static IEnumerable<Type?> Signature(MethodBase method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType)
            .Concat(method.IsGenericMethod ? method.GetGenericArguments() : [])
            .Append((method as MethodInfo)?.ReturnType);

    // List<Digest[]> consists of a list, an array and a digest.
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
        {
            return Parts(type.GetElementType()!);
        }

        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Prepend(type) : [type];
    }
}
